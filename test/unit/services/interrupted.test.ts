/** Runs whose engine thread or whole process is killed: with real threads and processes, compared with runs left in peace. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TrainerState } from '#shared/engine/protocol'
import { newProject } from '#shared/project/newProject'
import { serialiseProject } from '#shared/project/serialiseProject'
import { reduceRun, type RunEvent, type RunState } from '#shared/training/runState'
import { EngineClient } from '../../../src-main/services/engineClient'
import { TrainingRuns, type RunRequest } from '../../../src-main/services/trainingService'
import { readCheckpoint } from '../../../src-main/storage/checkpointFile'
import { readRun } from '../../../src-main/storage/runFolder'
import { temporaryFolder } from '../storage/testImages'
import { testStore } from '../storage/testStore'
import { classFolder, smallProject } from './smallProjects'

const home = mkdtempSync(join(tmpdir(), 'interlock-interrupted-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

/** What a run has come to, without the times. */
function outcome({ curve, epochs, best, phase }: RunState): unknown {
  return {
    steps: [...curve.steps],
    losses: [...curve.losses],
    accuracies: [...curve.accuracies],
    epochs: epochs.map(({ epoch, loss, accuracy, valLoss, valAccuracy }) => [
      epoch,
      loss,
      accuracy,
      valLoss,
      valAccuracy,
    ]),
    best,
    phase,
  }
}

describe('an engine thread that dies', { timeout: 120_000 }, () => {
  const engine = new EngineClient()
  afterAll(() => engine.dispose())
  let killed: Worker | null = null
  /** Each thread once, whatever else it had told before. */
  async function killEngine(): Promise<void> {
    const { worker } = engine as unknown as { worker: Worker }
    if (worker === killed) return
    killed = worker
    await worker.terminate()
  }
  let project: RunRequest['project']
  beforeAll(async () => {
    project = smallProject(await classFolder(join(home, 'data'), ['a', 'b', 'c'], 40), 3, 60)
  }, 120_000)

  async function run(more: Partial<RunRequest> = {}, onEvent: (event: RunEvent) => void = () => undefined) {
    const runs = new TrainingRuns(engine, {
      runsFolder: temporaryFolder(),
      version: '0',
      images: testStore(),
      checkpointSeconds: 0,
    })
    const events: RunEvent[] = []
    runs.onRunEvent((event) => {
      events.push(event)
      onEvent(event)
    })
    const request = { project, projectFile: null, executor: 'cpu', threads: 2, folder: null } as const
    const running = await runs.startRun({ ...request, resume: false, ...more })
    return { state: await running.finished, events, running, runs }
  }

  test('is replaced, and the run goes on to the very same end', async () => {
    const whole = await run()
    expect(whole.state.phase.kind).toBe('completed')
    let kills = 0
    const killed = await run({}, (event) => {
      if (kills === 3 || event.type !== 'progress' || event.epoch < 10 * (kills + 1)) return
      kills++
      void killEngine()
    })
    expect(kills).toBe(3)
    expect(outcome(killed.state)).toEqual(outcome(whole.state))
    const started = killed.events.filter((event) => event.type === 'started')
    expect(started.length).toBeGreaterThan(1)
    expect(started[1]!.executor.reason).toMatch(/started again.*goes on from/)
    // Whoever heard the events only, and whoever reads the files, sees no step twice.
    const [created] = killed.events
    const seen = killed.events.reduce<RunState>(reduceRun, { ...killed.state, ...created } as RunState)
    expect(outcome(seen)).toEqual(outcome(whole.state))
    expect(outcome((await readRun(killed.running.folder))!)).toEqual(outcome(whole.state))
  })

  test('again and again, it ends the run: failed, all saved, and what to do is said', async () => {
    const long = { ...project, training: { ...project.training, epochs: 100_000 } }
    const folder = join(temporaryFolder(), 'run')
    const { state } = await run({ project: long, folder }, (event) => {
      if (event.type === 'epoch') void killEngine()
    })
    expect(state.phase).toMatchObject({ kind: 'failed', error: { code: 'ENGINE_STOPPED' } })
    expect(state.phase.kind === 'failed' && state.phase.error.message).toMatch(/saved.*resume.*--resume/)
    expect((await readRun(folder))?.phase.kind).toBe('failed')
    const { state: kept } = await readCheckpoint(join(folder, 'checkpoint.bin'), folder)
    expect(kept.step).toBeGreaterThan(0)
    const done = { ...project, training: { ...project.training, epochs: kept.epoch + 1 } }
    const resumed = await run({ project: done, folder, resume: true })
    expect(resumed.state.phase.kind).toBe('completed')
    const whole = await run({ project: done })
    expect(outcome(resumed.state)).toEqual(outcome(whole.state))
  })

  test('while the run is paused: another takes over, and waits too', async () => {
    const whole = await run()
    const runs = new TrainingRuns(engine, {
      runsFolder: temporaryFolder(),
      version: '0',
      images: testStore(),
      checkpointSeconds: 0,
    })
    const started: string[] = []
    const request = { project, projectFile: null, executor: 'cpu', threads: 2, folder: null } as const
    const running = await runs.startRun({ ...request, resume: false })
    runs.onRunEvent((event) => {
      if (event.type === 'started') started.push(event.executor.reason)
      if (event.type === 'epoch' && event.metrics.epoch === 7) running.pause()
    })
    await expect.poll(() => running.state.phase.kind, { timeout: 30_000 }).toBe('paused')
    await killEngine()
    await expect.poll(() => started.length, { timeout: 30_000 }).toBeGreaterThan(0)
    await expect.poll(() => started.at(-1), { timeout: 30_000 }).toMatch(/started again.*goes on from/)
    await setTimeout(200)
    expect(running.state.phase.kind).toBe('paused')
    running.resume()
    expect(outcome(await running.finished)).toEqual(outcome(whole.state))
  })

  test('while it is asked to stop: stopped, with what is known of its state', async () => {
    const long = { ...project, training: { ...project.training, epochs: 100_000 } }
    const runs = new TrainingRuns(engine, {
      runsFolder: temporaryFolder(),
      version: '0',
      images: testStore(),
      checkpointSeconds: 0,
    })
    const request = { project: long, projectFile: null, executor: 'cpu', threads: 2, folder: null } as const
    const running = await runs.startRun({ ...request, resume: false })
    await new Promise<void>((resolve) => runs.onRunEvent(({ type }) => type === 'epoch' && resolve()))
    const killing = killEngine()
    running.stop()
    await killing
    expect((await running.finished).phase.kind).toBe('stopped')
    expect(existsSync(join(running.folder, 'checkpoint.bin'))).toBe(true)
  })
})

describe('a process killed within an epoch', () => {
  const entry = join(import.meta.dirname, '../../../out/main/index.js')
  const env = { ...process.env, INTERLOCK_HOME: home }

  function train(out: string, more: readonly string[] = [], project = 'slow.json', every = '1') {
    const args = ['train', project, '--out', out, '--json', '--executor', 'cpu', '--checkpoint-every', every]
    const child = spawn(process.execPath, [entry, ...args, ...more], { cwd: home, env })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    const closed = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) =>
      child.on('close', (code) => resolve({ code, stdout, stderr })),
    )
    return { child, closed }
  }

  test(
    'goes on from its checkpoint, with other threads, to the same curve and weights bit for bit',
    { timeout: 240_000 },
    async () => {
      // Batch statistics, dropout and moments on the digits: an epoch of some seconds.
      const blocks = [
        { id: 'in', type: 'input', params: { height: 28, width: 28, channels: 1 } },
        {
          id: 'c1',
          type: 'conv2d',
          params: { filters: 12, kernelSize: 3, padding: 'same', activation: 'relu' },
        },
        { id: 'bn', type: 'batchNorm', params: {} },
        {
          id: 'c2',
          type: 'conv2d',
          params: { filters: 32, kernelSize: 3, padding: 'same', activation: 'relu' },
        },
        { id: 'p', type: 'globalAvgPool2d', params: {} },
        { id: 'drop', type: 'dropout', params: { rate: 0.2 } },
        { id: 'd', type: 'dense', params: { units: 10 } },
        { id: 'out', type: 'output', params: {} },
      ]
      const connections = blocks.slice(1).map(({ id }, i) => ({ from: blocks[i]!.id, to: id }))
      const project = newProject({
        name: 'Slow',
        graph: { blocks, connections, groups: [], notes: [] },
        data: { source: 'sample:digits' },
        training: { epochs: 1, batchSize: 32 },
      })
      writeFileSync(join(home, 'slow.json'), JSON.stringify(project))

      const { child, closed } = train('killed', ['--threads', '2'])
      const killedRun = join(home, 'killed')
      while (!existsSync(join(killedRun, 'checkpoint.bin'))) {
        expect(child.exitCode, 'the run must not end before it is killed').toBeNull()
        await setTimeout(10)
      }
      child.kill('SIGKILL')
      expect((await closed).stdout).not.toContain('"event":"epoch"')
      const { state } = await readCheckpoint(join(killedRun, 'checkpoint.bin'), killedRun)
      expect(state.epoch).toBe(0)
      expect(state.withinEpoch!.images).toBeGreaterThan(0)
      // Others see that it is no longer under way.
      expect((await readRun(killedRun))?.phase).toMatchObject({ kind: 'failed' })

      const resumed = await train('killed', ['--threads', '1', '--resume']).closed
      expect(resumed.stderr).toBe('')
      expect(resumed.code).toBe(0)
      const [start] = resumed.stdout.split('\n').map((line) => JSON.parse(line || '{}') as { from?: object })
      expect(start!.from).toEqual({ epoch: 0, step: state.step, images: state.withinEpoch!.images })
      const whole = await train('whole', ['--threads', '2']).closed
      expect(whole.code).toBe(0)

      const wholeRun = join(home, 'whole')
      expect(outcome((await readRun(killedRun))!)).toEqual(outcome((await readRun(wholeRun))!))
      expect(readFileSync(join(killedRun, 'curve.bin'))).toEqual(readFileSync(join(wholeRun, 'curve.bin')))
      const of = async (run: string) => (await readCheckpoint(join(run, 'checkpoint.bin'), run)).state
      expect(await of(killedRun)).toEqual(await of(wholeRun))
    },
  )

  test(
    'keeps its schedule, warm-up, patience and batch sizes, and ends early where it would have',
    { timeout: 240_000 },
    async () => {
      const blocks = [
        { id: 'in', type: 'input', params: { height: 28, width: 28, channels: 1 } },
        { id: 'c1', type: 'conv2d', params: { filters: 8, kernelSize: 3, strides: 2, activation: 'relu' } },
        { id: 'bn', type: 'batchNorm', params: {} },
        { id: 'f', type: 'flatten', params: {} },
        { id: 'drop', type: 'dropout', params: { rate: 0.3 } },
        { id: 'd', type: 'dense', params: { units: 10 } },
        { id: 'out', type: 'output', params: {} },
      ]
      const connections = blocks.slice(1).map(({ id }, i) => ({ from: blocks[i]!.id, to: id }))
      const project = newProject({
        name: 'Changing',
        graph: { blocks, connections, groups: [], notes: [] },
        data: { source: 'sample:digits' },
        training: {
          epochs: 100,
          batchSize: 4,
          batchSizes: [{ fromEpoch: 4, batchSize: 8 }],
          clipNorm: 1,
          warmup: { length: 3000, unit: 'steps', startFactor: 0.1 },
          // Every epoch after the second counts as a bad one.
          schedule: {
            type: 'plateau',
            factor: 0.5,
            patience: 0,
            threshold: 0.9,
            cooldown: 1,
            minLearningRate: 1e-4,
          },
          earlyStopping: { monitor: 'valLoss', patience: 4, minDelta: 0.2 },
        },
      })
      writeFileSync(join(home, 'changing.json'), serialiseProject(project))
      const killedRun = join(home, 'changed')
      const file = join(killedRun, 'checkpoint.bin')
      const { child, closed } = train('changed', ['--threads', '2'], 'changing.json', '0.1')
      let kept: TrainerState | null = null
      for (;;) {
        expect(child.exitCode, 'the run must not end before it is killed').toBeNull()
        kept = existsSync(file) ? (await readCheckpoint(file, killedRun)).state : null
        if (kept?.withinEpoch && kept.epoch >= 3) break
        await setTimeout(10)
      }
      child.kill('SIGKILL')
      await closed
      const { state } = await readCheckpoint(file, killedRun)
      expect(state.plateau).toBeDefined()
      expect(state.stopping!.badEpochs).toBeGreaterThan(0)

      const resumed = await train('changed', ['--threads', '1', '--resume'], 'changing.json').closed
      const whole = await train('unbroken', ['--threads', '2'], 'changing.json').closed
      expect([resumed.code, whole.code]).toEqual([0, 0])
      const end = (stdout: string) => {
        const last = JSON.parse(stdout.trim().split('\n').at(-1)!) as object
        return { ...last, out: '' }
      }
      expect(end(resumed.stdout)).toEqual(end(whole.stdout))
      expect(end(whole.stdout)).toHaveProperty('earlyStop.patience', 4)
      const wholeRun = join(home, 'unbroken')
      const states = await Promise.all([readRun(killedRun), readRun(wholeRun)])
      expect(outcome(states[0]!)).toEqual(outcome(states[1]!))
      const rates = states.map((one) => one!.epochs.map(({ learningRate }) => learningRate))
      expect(rates[0]).toEqual(rates[1])
      expect(new Set(rates[0]).size).toBeGreaterThan(2)
      const of = async (run: string) => (await readCheckpoint(join(run, 'checkpoint.bin'), run)).state
      expect(await of(killedRun)).toEqual(await of(wholeRun))
    },
  )
})
