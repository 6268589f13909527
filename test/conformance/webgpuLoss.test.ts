/** Trainings whose graphics device really goes in the middle: it is opened again, then the CPU goes on, and nothing is lost. */
import { afterAll, describe, expect, test } from 'vitest'
import type { Executor, ExecutorChoice } from '#shared/engine/executor'
import type { EngineEvent, TrainCommand, TrainerState } from '#shared/engine/protocol'
import { openDawn } from '../../src-main/engine/executors/gpu/dawn'
import { GpuExecutor } from '../../src-main/engine/executors/gpu/gpuExecutor'
import { openAdapter, openDevice } from '../../src-main/engine/executors/gpu/openDevice'
import { createWasmExecutor } from '../../src-main/engine/executors/wasm'
import { probeWebGpu } from '../../src-main/engine/executors/webgpu'
import { useSoftwareAdapter } from './softwareAdapter'
import {
  curveOf,
  expectSameCurve,
  ofType,
  outcome,
  trainCommand,
  watchTraining,
  type Watched,
} from './trainingRun'

useSoftwareAdapter()
const report = await probeWebGpu()

/** Dawn ends when nothing refers to its `GPU` object. */
const kept: GPU[] = []

/** Trains on devices of our own, which are destroyed within an epoch as often as asked. */
class LossyMachine {
  readonly choices: ExecutorChoice[] = []
  readonly events: EngineEvent[] = []
  private device: GPUDevice | null = null
  /** Not twice for one device: its loss is told a moment later. */
  private lastLost: GPUDevice | null = null

  constructor(private losses: number) {}

  async train(more: Partial<TrainCommand> = {}): Promise<Watched> {
    return watchTraining(
      trainCommand(more),
      (choice, threads) => this.create(choice, threads),
      (event) => {
        this.events.push(event)
        if (event.type !== 'checkpoint' || event.state.withinEpoch!.images > 900) return
        if (this.losses === 0 || this.device === this.lastLost) return
        this.losses--
        this.lastLost = this.device
        this.device?.destroy()
      },
    )
  }

  private async create(choice: ExecutorChoice, threads: number | null): Promise<Executor> {
    // One thread alone is for the look at the blocks after an epoch; it trains nothing.
    if (threads !== 1) this.choices.push(choice)
    if (choice === 'cpu') return createWasmExecutor({ threads })
    const gpu = await openDawn()
    kept.push(gpu)
    const { adapter, name, software } = (await openAdapter(gpu))!
    this.device = await openDevice(adapter)
    return new GpuExecutor(this.device, {
      kind: 'webgpu',
      name,
      threads: 1,
      software,
      reason: 'Opened by a test.',
    })
  }
}

if (!report.available)
  describe('a graphics device that goes in the middle of a run', () => {
    test.skip(`opened again, replaced by the CPU, told of (no WebGPU adapter: ${report.problem})`)
  })
else
  describe('a graphics device that goes in the middle of a run', { timeout: 240_000 }, () => {
    afterAll(() => void kept.splice(0))

    let known: Promise<Watched> | null = null
    /** The run that is left in peace. */
    const whole = (): Promise<Watched> => (known ??= new LossyMachine(0).train())

    test('once: it is opened again, and the run comes to the very same end', async () => {
      const machine = new LossyMachine(1)
      const broken = await machine.train()
      expect(machine.choices).toEqual(['auto', 'auto'])
      expect(outcome(broken)).toEqual(outcome(await whole()))
      const [first, second] = ofType(broken.events, 'started')
      expect(first!.from.step).toBe(0)
      expect(second!.from.step).toBeGreaterThan(0)
      expect(second!.executor.kind).toBe('webgpu')
      expect(second!.executor.reason).toMatch(/device was lost.*The run goes on from step \d+, in epoch 1/)
    })

    test('twice: the CPU goes on and says why, along the same curve', async () => {
      const machine = new LossyMachine(2)
      const broken = await machine.train()
      expect(machine.choices).toEqual(['auto', 'auto', 'cpu'])
      expectSameCurve(broken, await whole())
      const started = ofType(broken.events, 'started')
      expect(started.map(({ executor }) => executor.kind)).toEqual(['webgpu', 'webgpu', 'cpu'])
      expect(started[2]!.executor.reason).toMatch(/lost twice in this run, so the CPU goes on from step \d+/)
    })

    test('when it was asked for by name: the run stops, says so, and goes on from there when resumed', async () => {
      const machine = new LossyMachine(1)
      await expect(machine.train({ executor: 'webgpu' })).rejects.toMatchObject({
        code: 'RUN_INTERRUPTED',
        message: expect.stringMatching(/device was lost.*step \d+, in epoch 1 is saved.*--resume/) as string,
      })
      expect(machine.choices).toEqual(['webgpu'])
      const state: TrainerState = ofType(machine.events, 'checkpoint').at(-1)!.state
      expect(state.step).toBeGreaterThan(0)
      const resumed = await new LossyMachine(0).train({ executor: 'webgpu', state: structuredClone(state) })
      const both = { ...resumed, events: [...machine.events, ...resumed.events] }
      expect(outcome(both)).toEqual(outcome(await whole()))
      expect(curveOf(both.events).steps.at(-1)).toBe(resumed.finished.state.step)
    })
  })
