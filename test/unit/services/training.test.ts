import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, describe, expect, test } from 'vitest'
import { createRun, reduceRun, type RunEvent, type RunState } from '#shared/training/runState'
import { EngineClient } from '../../../src-main/services/engineClient'
import { exportable, exportModel } from '../../../src-main/services/exportModel'
import { TrainingRuns, type RunRequest } from '../../../src-main/services/trainingService'
import { startNodeDecoder } from '../../../src-main/storage/decoding/nodeDecoder'
import { readCheckpoint } from '../../../src-main/storage/checkpointFile'
import { readModelFile } from '../../../src-main/storage/modelFile'
import { readRun } from '../../../src-main/storage/runFolder'
import { put, temporaryFolder } from '../storage/testImages'
import { testStore } from '../storage/testStore'
import { classFolder, smallProject } from './smallProjects'

const engine = new EngineClient()
afterAll(() => engine.dispose())

const runsOf = (client: EngineClient, folder: string) =>
  new TrainingRuns(client, { runsFolder: folder, version: '0.0.0', images: testStore() })
const runsIn = (folder: string) => runsOf(engine, folder)
const code = (thrown: unknown) => (thrown as { code: string }).code
const request = (project: RunRequest['project'], more: Partial<RunRequest> = {}): RunRequest => ({
  project,
  projectFile: null,
  executor: 'cpu',
  threads: 1,
  folder: null,
  resume: false,
  ...more,
})

async function dataOf(classes: readonly string[] = ['a', 'b', 'c'], count = 20): Promise<string> {
  return classFolder(temporaryFolder(), classes, count)
}

describe('a run', () => {
  test('tells everything, writes everything, and is found after a restart', async () => {
    const home = temporaryFolder()
    const runs = runsIn(home)
    const events: RunEvent[] = []
    runs.onRunEvent((event) => events.push(event))
    const data = await dataOf()
    put(data, 'a/bad.png', 'no image')
    const run = await runs.startRun(request(smallProject(data, 3, 3)))
    const state = await run.finished
    expect(state.phase).toEqual({ kind: 'completed' })
    expect(state.epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3])
    expect(state.images).toEqual({ training: 48, validation: 12 })
    expect(state.classes).toEqual(['a', 'b', 'c'])
    expect(state.skipped).toHaveLength(1)
    expect([...state.curve.steps]).toEqual(Array.from({ length: 18 }, (_, i) => i + 1))
    // A window that only hears the events comes to the same state.
    const seen = events.reduce<RunState>((before, event) => reduceRun(before, event), {
      ...state,
      curve: state.curve,
    })
    expect(seen).toEqual(state)

    const files = readdirSync(run.folder)
    expect(files).toEqual(
      expect.arrayContaining([
        'checkpoint.bin',
        'curve.bin',
        'history.json',
        'last.model.json',
        'model.json',
      ]),
    )
    expect(files.filter((name) => name.startsWith('weights-')).length).toBeLessThanOrEqual(2)
    const { model, weights } = await readModelFile(run.folder)
    expect(model.training.epoch).toBe(state.best?.epoch)
    expect(model.training.valLoss).toBeCloseTo(state.best?.valLoss ?? NaN, 6)
    expect(weights.map(({ name }) => name).sort()).toEqual(['d1/bias', 'd1/kernel', 'd2/bias', 'd2/kernel'])

    const [found] = await runsIn(home).runs()
    expect(found?.state).toEqual(state)
    expect(await runsIn(home).run(run.runId)).toEqual({ runId: run.runId, name: 'Small', note: '', state })
  })

  test('gradient clipping, label smoothing and class weights reach engine, history and model file', async () => {
    const data = await classFolder(temporaryFolder(), ['a', 'b'], 6)
    await classFolder(data, ['c'], 24)
    const trained = async (settings: Partial<RunRequest['project']['training']>) => {
      const project = smallProject(data, 3, 1)
      const training = { ...project.training, ...settings }
      const home = temporaryFolder()
      const run = await runsIn(home).startRun(request({ ...project, training }))
      const state = await run.finished
      expect(state.phase).toEqual({ kind: 'completed' })
      const [found] = await runsIn(home).runs()
      expect(found?.state.project.training).toEqual(training)
      expect((await readModelFile(run.folder)).model.training.settings).toEqual(training)
      return state.curve.losses
    }
    const plain = await trained({})
    const clipped = await trained({ clipNorm: 1e-6 })
    expect(clipped[0]).toBe(plain[0])
    expect(clipped[3]).not.toBe(plain[3])
    expect((await trained({ labelSmoothing: 0.3 }))[0]).not.toBe(plain[0])
    // 29 images are left to train on, 5, 5 and 19 of each class.
    const byName = { a: 29 / 15, b: 29 / 15, c: 29 / 57 }
    const balanced = await trained({ classWeights: 'balanced' })
    expect(balanced[0]).not.toBe(plain[0])
    expect(await trained({ classWeights: byName })).toEqual(balanced)

    const project = smallProject(data, 3, 1)
    const training = { ...project.training, classWeights: { a: 2, C: 1 } }
    const refusal: unknown = await runsIn(temporaryFolder())
      .startRun(request({ ...project, training }))
      .catch((thrown: unknown) => thrown)
    expect(refusal).toMatchObject({
      code: 'CLASS_WEIGHTS_UNKNOWN',
      details: { names: 'C', classes: 'a, b, c' },
    })
  })

  test('a history from before these settings is read with their defaults', async () => {
    const home = temporaryFolder()
    const run = await runsIn(home).startRun(request(smallProject(await dataOf(), 3, 1)))
    const state = await run.finished
    const file = join(run.folder, 'history.json')
    const history = JSON.parse(readFileSync(file, 'utf8')) as { project: RunRequest['project'] }
    const { clipNorm: _c, labelSmoothing: _l, classWeights: _w, ...training } = history.project.training
    const older = { ...history, project: { ...history.project, version: 1, training } }
    writeFileSync(file, JSON.stringify(older))
    expect((await readRun(run.folder))?.project).toEqual(state.project)
  })

  test('a second one is refused, stopping keeps what was learnt', async () => {
    const runs = runsIn(temporaryFolder())
    const data = await dataOf()
    const starts = await Promise.allSettled([
      runs.startRun(request(smallProject(data, 3, 100_000))),
      runs.startRun(request(smallProject(data, 3, 100_000))),
    ])
    const [run] = starts.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    const [refusal] = starts.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
    expect(code(refusal)).toBe('RUN_ALREADY_ACTIVE')
    await new Promise<void>((resolve) => runs.onRunEvent((event) => event.type === 'epoch' && resolve()))
    expect(await runs.startRun(request(smallProject(data, 3))).catch(code)).toBe('RUN_ALREADY_ACTIVE')
    await runs.stop(run?.runId ?? '')
    const state = await run?.finished
    expect(state?.phase).toEqual({ kind: 'stopped' })
    expect((await readModelFile(run?.folder ?? '')).weights).toHaveLength(4)
    // The next may start at once.
    await (
      await runs.startRun(request(smallProject(data, 3, 1)))
    ).finished
  })

  test('closing while a start is being checked waits for it and stops it; then nothing starts any more', async () => {
    const own = new EngineClient()
    const runs = runsOf(own, temporaryFolder())
    const project = smallProject(await dataOf(), 3, 100_000)
    const starting = runs.startRun(request(project))
    await runs.dispose()
    await own.dispose()
    expect((await starting).state.phase.kind).toBe('stopped')
    expect(await runs.startRun(request(project)).catch(code)).toBe('ENGINE_STOPPED')
    expect(await own.probe().catch(code)).toBe('ENGINE_STOPPED')
  })

  test('a stop at any moment of the preparing ends it, and its end is its last event', async () => {
    const data = await dataOf()
    for (let wait = 0; wait < 40; wait += 4) {
      const runs = runsIn(temporaryFolder())
      const events: string[] = []
      runs.onRunEvent(({ type }) => events.push(type))
      const run = await runs.startRun(request(smallProject(data, 3, 100_000)))
      await setTimeout(wait)
      run.stop()
      const { phase } = await run.finished
      await setTimeout(10)
      expect([phase.kind, events.at(-1), run.state.phase.kind]).toEqual(['stopped', 'finished', 'stopped'])
    }
  })

  test('stopping while images are still being read', async () => {
    const runs = runsIn(temporaryFolder())
    const run = await runs.startRun(request(smallProject('sample:digits', 10, 5)))
    run.stop()
    expect((await run.finished).phase.kind).toBe('stopped')
  })

  test('stopped in the middle and resumed, it ends exactly as one that was never stopped', async () => {
    const data = await dataOf()
    const project = smallProject(data, 3, 120)
    const whole = await (await runsIn(temporaryFolder()).startRun(request(project))).finished
    const folder = join(temporaryFolder(), 'run')
    const runs = runsIn(temporaryFolder())
    const first = await runs.startRun(request(project, { folder }))
    runs.onRunEvent((event) => event.type === 'epoch' && event.metrics.epoch === 10 && first.stop())
    const stopped = await first.finished
    expect(stopped.phase.kind).toBe('stopped')
    expect(stopped.epochs.length).toBeLessThan(120)
    const resumed = await (await runs.startRun(request(project, { folder, resume: true }))).finished
    const losses = (state: RunState) => state.epochs.map(({ epoch, loss, valLoss }) => [epoch, loss, valLoss])
    expect(losses(resumed)).toEqual(losses(whole))
    expect([...resumed.curve.losses]).toEqual([...whole.curve.losses])
    expect(resumed.best).toEqual(whole.best)
    expect(await runs.startRun(request(project, { folder, resume: true })).catch(code)).toBe(
      'RUN_NOT_RESUMABLE',
    )
    const other = smallProject(data, 3, 130)
    const wider = {
      ...other,
      graph: {
        ...other.graph,
        blocks: other.graph.blocks.map((block) =>
          block.id === 'd1' ? { ...block, params: { units: 17 } } : block,
        ),
      },
    }
    expect(await runs.startRun(request(wider, { folder, resume: true })).catch(code)).toBe(
      'RUN_NOT_RESUMABLE',
    )
  })

  test('paused it computes nothing and is saved, and goes on to the very same end', async () => {
    const project = smallProject(await dataOf(), 3, 200)
    const whole = await (await runsIn(temporaryFolder()).startRun(request(project))).finished
    const runs = runsIn(temporaryFolder())
    const events: RunEvent[] = []
    const run = await runs.startRun(request(project))
    runs.onRunEvent((event) => {
      events.push(event)
      if (event.type === 'epoch' && event.metrics.epoch === 5) void runs.pause(run.runId)
    })
    await expect.poll(() => run.state.phase.kind, { timeout: 30_000 }).toBe('paused')
    const written = () =>
      (JSON.parse(readFileSync(join(run.folder, 'history.json'), 'utf8')) as RunState).phase.kind
    await expect.poll(written).toBe('paused')
    // The checkpoint comes last.
    const saved = async () =>
      (await readCheckpoint(join(run.folder, 'checkpoint.bin'), run.folder)).state.step
    await expect.poll(saved).toBe(run.state.curve.steps.at(-1))
    const told = events.length
    await setTimeout(150)
    expect(events.length).toBe(told)
    // A run that waits keeps others out, as one that trains.
    expect(await runs.startRun(request(project)).catch(code)).toBe('RUN_ALREADY_ACTIVE')
    await runs.pause(run.runId)
    await runs.resume(run.runId)
    expect(run.state.phase.kind).toBe('training')
    const state = await run.finished
    expect(state.phase).toEqual(whole.phase)
    expect([...state.curve.losses]).toEqual([...whole.curve.losses])
    expect(events.filter(({ type }) => type === 'pausing')).toHaveLength(1)
  })

  test('a pause taken back before it began, and one that is ended by a stop', async () => {
    const runs = runsIn(temporaryFolder())
    const run = await runs.startRun(request(smallProject(await dataOf(), 3, 100_000)))
    await expect.poll(() => run.state.phase.kind, { timeout: 30_000 }).toBe('training')
    run.pause()
    run.resume()
    await setTimeout(100)
    expect(run.state.phase.kind).toBe('training')
    run.pause()
    await expect.poll(() => run.state.phase.kind).toBe('paused')
    run.stop()
    expect((await run.finished).phase.kind).toBe('stopped')
  })

  test('closed while it is paused, it goes on in its own folder later, for more epochs and with other batches', async () => {
    const home = temporaryFolder()
    const project = smallProject(await dataOf(), 3, 200)
    const own = new EngineClient()
    const first = runsOf(own, home)
    const run = await first.startRun(request(project))
    first.onRunEvent((event) => event.type === 'epoch' && event.metrics.epoch === 5 && run.pause())
    await expect.poll(() => run.state.phase.kind, { timeout: 30_000 }).toBe('paused')
    await first.dispose()
    await own.dispose()
    const later = runsIn(home)
    const [closed] = await later.runs()
    expect(closed?.state.phase.kind).toBe('stopped')
    const events: RunEvent[] = []
    later.onRunEvent((event) => events.push(event))
    const going = {
      runId: run.runId,
      executor: 'cpu',
      threads: 1,
      batchSize: 8,
      learningRate: 0.005,
    } as const
    await later.continueRun({ ...going, epochs: 200 })
    await expect.poll(() => events.at(-1)?.type, { timeout: 30_000 }).toBe('finished')
    const whole = await (await runsIn(temporaryFolder()).startRun(request(project))).finished
    const { state } = await later.run(run.runId)
    expect([...state.curve.losses]).toEqual([...whole.curve.losses])
    expect(state.startedAt).toBe(closed?.state.startedAt)
    expect(await later.continueRun({ ...going, epochs: 200 }).catch(code)).toBe('RUN_NOT_RESUMABLE')
    await later.continueRun({ ...going, epochs: 202, batchSize: 24, learningRate: 0.001 })
    await expect
      .poll(async () => (await later.run(run.runId)).state.phase.kind, { timeout: 30_000 })
      .toBe('completed')
    const more = (await later.run(run.runId)).state
    expect(more.epochs.map(({ steps }) => steps).slice(-3)).toEqual([1200, 1202, 1204])
    expect(more.epochs.at(-1)?.learningRate).toBe(0.001)
    // Who only heard the events knows all of it.
    const seen = events.reduce<RunState>((before, event) => reduceRun(before, event), state)
    expect(seen.curve.steps).toHaveLength(1204)
    expect(await later.continueRun({ ...going, runId: 'nobody', epochs: 3 }).catch(code)).toBe(
      'RUN_NOT_FOUND',
    )
  })

  test('cut off between two files and resumed, the model is again the best epoch that the history names', async () => {
    const folder = join(temporaryFolder(), 'run')
    const project = smallProject(await dataOf(), 3, 4)
    const runs = runsIn(temporaryFolder())
    const first = await (await runs.startRun(request(project, { folder }))).finished
    // As if the machine had died after the checkpoint and before the model.
    rmSync(join(folder, 'model.json'))
    const more = { ...project, training: { ...project.training, epochs: 5 } }
    // A rate at which nothing gets better: the best epoch stays the one of before.
    more.training.optimizer = { ...more.training.optimizer, learningRate: 50 }
    const state = await (await runs.startRun(request(more, { folder, resume: true }))).finished
    expect(state.best).toEqual(first.best)
    expect((await readModelFile(folder)).model.training.epoch).toBe(state.best?.epoch)
  })

  test('ended early it is told so, in its files too, and goes on with fresh patience when resumed', async () => {
    const folder = join(temporaryFolder(), 'run')
    const plain = smallProject(await dataOf(), 3, 60)
    const earlyStopping = { monitor: 'valLoss', patience: 2, minDelta: 1e6 } as const
    const project = { ...plain, training: { ...plain.training, earlyStopping } }
    const runs = runsIn(temporaryFolder())
    const run = await runs.startRun(request(project, { folder }))
    const { phase, epochs } = await run.finished
    expect(epochs).toHaveLength(3)
    expect(phase).toMatchObject({ kind: 'completed', early: { epoch: 3, bestEpoch: 1, patience: 2 } })
    expect((await readRun(folder))!.phase).toEqual(phase)
    const more = await (await runs.startRun(request(project, { folder, resume: true }))).finished
    expect(more.epochs).toHaveLength(5)
    expect(more.phase).toMatchObject({ early: { epoch: 5, bestEpoch: 1 } })
    const open = { ...plain, training: { ...plain.training, epochs: 8, batchSize: 16 } }
    const other = await (await runs.startRun(request(open, { folder, resume: true }))).finished
    expect(other.phase).toEqual({ kind: 'completed' })
    // 48 images: 6 steps an epoch with the old batch size, 3 with the new one.
    expect(other.epochs.map(({ steps }) => steps)).toEqual([6, 12, 18, 24, 30, 33, 36, 39])
    expect(other.curve.steps).toHaveLength(39)
  })

  test('a damaged checkpoint is named, not half read', async () => {
    const folder = join(temporaryFolder(), 'run')
    const project = smallProject(await dataOf(), 3, 1)
    const runs = runsIn(temporaryFolder())
    await (
      await runs.startRun(request(project, { folder }))
    ).finished
    const file = join(folder, 'checkpoint.bin')
    const bytes = readFileSync(file)
    bytes[bytes.length - 3] = (bytes[bytes.length - 3] ?? 0) ^ 1
    writeFileSync(file, bytes)
    const more = { ...project, training: { ...project.training, epochs: 2 } }
    const failure = await runs
      .startRun(request(more, { folder, resume: true }))
      .catch((thrown: Error) => thrown)
    expect(failure).toMatchObject({ code: 'RUN_NOT_RESUMABLE' })
    expect((failure as Error).message).toContain('damaged')
  })
})

describe('what is refused before anything is written', () => {
  test('class counts that differ, networks that do not fit, folders that are not data', async () => {
    const home = temporaryFolder()
    const runs = runsIn(home)
    const data = await dataOf(['a', 'b'], 3)
    const mismatch = await runs.startRun(request(smallProject(data, 3))).catch((thrown: Error) => thrown)
    expect(mismatch).toMatchObject({ code: 'CLASS_COUNT_MISMATCH', details: { found: 3, expected: 2 } })
    const project = smallProject(data, 2)
    const loose = { ...project, graph: { ...project.graph, connections: project.graph.connections.slice(1) } }
    const unfit = await runs.startRun(request(loose)).catch((thrown: Error) => thrown)
    expect(unfit).toMatchObject({ code: 'PROJECT_DOES_NOT_FIT' })
    expect(await runs.startRun(request(smallProject(null, 2))).catch(code)).toBe('DATA_NOT_CHOSEN')
    expect(await runs.startRun(request(smallProject(join(home, 'nothing'), 2))).catch(code)).toBe(
      'FILE_NOT_FOUND',
    )
    const single = await dataOf(['only'], 3)
    expect(await runs.startRun(request(smallProject(single, 2))).catch(code)).toBe('DATA_ONE_CLASS')
    expect(readdirSync(home)).toEqual([])
  })

  test('a place that cannot be written', async () => {
    const file = put(temporaryFolder(), 'file', 'x')
    const project = smallProject(await dataOf(['a', 'b'], 3), 2)
    const runs = runsIn(temporaryFolder())
    expect(await runs.startRun(request(project, { folder: join(file, 'run') })).catch(code)).toBe(
      'FILE_UNWRITABLE',
    )
  })
})

describe('images that do not fit into memory', () => {
  test('are streamed to the very same curve, with the share of time that steps waited', async () => {
    const data = await dataOf()
    const states: RunState[] = []
    for (const options of [{}, { memory: 1000 }, { memory: 1000, limit: 0 }]) {
      const folder = temporaryFolder()
      const runs = new TrainingRuns(engine, {
        runsFolder: folder,
        version: '0.0.0',
        images: testStore(options),
      })
      const run = await runs.startRun(request(smallProject(data, 3, 3), { threads: 2 }))
      states.push(await run.finished)
    }
    const [resident, streamed, decoded] = states
    expect(states.map(({ origin }) => origin?.streamed)).toEqual([false, true, true])
    for (const state of [streamed!, decoded!]) {
      expect(state.phase).toEqual({ kind: 'completed' })
      expect(state.curve).toEqual(resident!.curve)
      expect(state.epochs.map(({ valLoss }) => valLoss)).toEqual(
        resident!.epochs.map(({ valLoss }) => valLoss),
      )
    }
    for (const { dataWait } of states.flatMap(({ epochs }) => epochs)) {
      expect(dataWait).toBeGreaterThanOrEqual(0)
      expect(dataWait).toBeLessThanOrEqual(1)
    }
    // In memory and from the cache nothing is decoded again; without a cache everything is.
    expect(streamed!.epochs.map(({ cacheHits }) => cacheHits)).toEqual([undefined, undefined, undefined])
    expect(decoded!.epochs.map(({ cacheHits }) => cacheHits)).toEqual([0, 0, 0])
  })

  test('a file that kills its decoder costs that file only', async () => {
    const data = await dataOf()
    const deadly = join(data, 'b', '007.png')
    const start = () => {
      const process = startNodeDecoder()
      return {
        ...process,
        post(sent: Parameters<typeof process.post>[0]) {
          if (sent.file === deadly) process.kill()
          else process.post(sent)
        },
      }
    }
    const images = testStore({ pool: { start } })
    const runs = new TrainingRuns(engine, { runsFolder: temporaryFolder(), version: '0.0.0', images })
    const state = await (await runs.startRun(request(smallProject(data, 3, 1)))).finished
    expect(state.phase).toEqual({ kind: 'completed' })
    expect(state.skipped).toEqual([{ file: deadly, reason: 'the decoder broke down on it (SIGKILL)' }])
    expect(state.images).toEqual({ training: 47, validation: 12 })
  })
})

describe('what goes wrong on the way', () => {
  test('the folder stops being writable: failed with FILE_UNWRITABLE', async () => {
    const runs = runsIn(temporaryFolder())
    const run = await runs.startRun(request(smallProject(await dataOf(), 3, 100_000)))
    const stop = runs.onRunEvent((event) => {
      if (event.type !== 'epoch') return
      stop()
      // A folder in the place of the file that is to be replaced.
      rmSync(join(run.folder, 'checkpoint.bin'), { force: true })
      mkdirSync(join(run.folder, 'checkpoint.bin', 'x'), { recursive: true })
    })
    const state = await run.finished
    expect(state.phase).toMatchObject({ kind: 'failed', error: { code: 'FILE_UNWRITABLE' } })
  })

  test('a run whose process is gone is listed as interrupted', async () => {
    const home = temporaryFolder()
    const run = await runsIn(home).startRun(request(smallProject(await dataOf(), 3, 1)))
    await run.finished
    const file = join(run.folder, 'history.json')
    const history = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>
    // No process has this number on any system.
    writeFileSync(file, JSON.stringify({ ...history, process: 2 ** 31 - 2, phase: { kind: 'stopping' } }))
    const [found] = await runsIn(home).runs()
    expect(found?.state.phase).toMatchObject({ kind: 'failed', error: { code: 'ENGINE_STOPPED' } })
  })
})

describe('a history left by another process', () => {
  async function leftBehind(change: object, ageSeconds = 0) {
    const home = temporaryFolder()
    const project = smallProject(await dataOf(), 3, 1)
    const run = await runsIn(home).startRun(request(project))
    await run.finished
    const file = join(run.folder, 'history.json')
    const history = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>
    writeFileSync(file, JSON.stringify({ ...history, process: process.ppid, ...change }))
    const touched = Date.now() / 1000 - ageSeconds
    utimesSync(file, touched, touched)
    return { home, project, folder: run.folder }
  }
  const training = { phase: { kind: 'training', epoch: 1, done: 0, total: 1, imagesPerSecond: 1 } }

  test('keeps others out of its folder while that process trains, and no longer', async () => {
    const going = await leftBehind(training)
    const start = () => runsIn(going.home).startRun(request(going.project, { folder: going.folder }))
    expect(await start().catch(code)).toBe('RUN_ALREADY_ACTIVE')
    const dead = await leftBehind(training, 600)
    const [listed] = await runsIn(dead.home).runs()
    expect(listed?.state.phase).toMatchObject({ kind: 'failed', error: { code: 'ENGINE_STOPPED' } })
    const again = await runsIn(dead.home).startRun(request(dead.project, { folder: dead.folder }))
    expect((await again.finished).phase.kind).toBe('completed')
  })

  test('is passed over when it is damaged, and the others are still listed', async () => {
    const { home, project } = await leftBehind({ phase: null })
    expect(await runsIn(home).runs()).toEqual([])
    await (
      await runsIn(home).startRun(request(project))
    ).finished
    expect(await runsIn(home).runs()).toHaveLength(1)
  })
})

test('a curve grows without being copied with every event, and earlier states stay as they were', () => {
  const event = (step: number): RunEvent => {
    const curve = {
      steps: Uint32Array.of(step),
      losses: Float32Array.of(step),
      accuracies: Float32Array.of(1),
    }
    return {
      type: 'progress',
      runId: 'r',
      epoch: 1,
      done: 1,
      total: 1,
      imagesPerSecond: 1,
      learningRate: 0.1,
      curve,
    }
  }
  const project = smallProject(null, 3)
  const states = [createRun({ type: 'created', runId: 'r', project, startedAt: '' })]
  for (let step = 1; step <= 5000; step++) states.push(reduceRun(states[step - 1]!, event(step)))
  const buffers = new Set(states.map(({ curve }) => curve.steps.buffer))
  expect(buffers.size).toBeLessThan(10)
  states.forEach(({ curve }, i) => expect([curve.steps.length, curve.steps.at(-1) ?? 0]).toEqual([i, i]))
  const branch = reduceRun(states[10]!, event(77))
  expect([...branch.curve.losses]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 77])
  expect(states[11]?.curve.losses.at(-1)).toBe(11)
})

test('an exported model is read back and compared', async () => {
  const run = await runsIn(temporaryFolder()).startRun(request(smallProject(await dataOf(), 3, 2)))
  await run.finished
  const folder = join(temporaryFolder(), 'out')
  const stored = await readModelFile(run.folder)
  const exported = await exportModel(engine, exportable(stored), folder, { executor: 'cpu', threads: 1 })
  expect(exported.maxDifference).toBe(0)
  expect(exported.comparedImages).toBeGreaterThan(0)
  expect((await readModelFile(folder)).model.weights.sha256).toBe(stored.model.weights.sha256)
})
