import { setTimeout } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { Executor, StepRequest, StepResult } from '#shared/engine/executor'
import type { EngineEvent, TrainCommand } from '#shared/engine/protocol'
import type { ImageSet } from '#shared/engine/tensors'
import type { Graph } from '#shared/graph/types'
import { trainingSchema } from '#shared/training/settings'
import { InterlockError } from '#shared/issues/errors'
import { createWasmExecutor } from '../../src-main/engine/executors/wasm'
import { ReferenceExecutor } from '../../src-main/engine/executors/reference'
import { epochOrder } from '../../src-main/engine/epochOrder'
import { initialiseWeights } from '../../src-main/engine/initialiseWeights'
import { lowerGraph } from '../../src-main/engine/plan/lowerGraph'
import { Trainer } from '../../src-main/engine/trainer'
import { createRandom } from '../conformance/random'
import { chain, lenet } from './graphs'
import { streamOf } from './streamOf'

const graph: Graph = chain(
  [4, 4, 1],
  [
    ['c1', 'conv2d', { filters: 3, activation: 'tanh' }],
    ['bn', 'batchNorm'],
    ['flat', 'flatten'],
    ['drop', 'dropout', { rate: 0.2 }],
    ['d1', 'dense', { units: 2 }],
  ],
)

/** Bright upper or bright lower half, with noise: two classes that a small network tells apart. */
function halves(seed: number, count: number): ImageSet {
  const random = createRandom(seed)
  const labels = Int32Array.from({ length: count }, () => (random() < 0.5 ? 0 : 1))
  const pixels = Uint8Array.from({ length: count * 16 }, (_, i) => {
    const upper = i % 16 < 8
    const bright = upper === (labels[Math.floor(i / 16)] === 0)
    return (bright ? 120 : 60) + random() * 100
  })
  return { count, height: 4, width: 4, channels: 1, pixels, labels }
}

function command(more: Partial<TrainCommand> = {}): TrainCommand {
  return {
    type: 'train',
    runId: 'run',
    graph,
    training: {
      ...trainingSchema.parse({}),
      epochs: 3,
      batchSize: 8,
      seed: 5,
      optimizer: {
        type: 'adam',
        learningRate: 0.01,
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
        weightDecay: 0,
      },
    },
    executor: 'cpu',
    threads: null,
    trainingImages: halves(1, 61),
    validationImages: halves(2, 21),
    normalisation: { mean: [0.5], std: [0.2] },
    classWeights: null,
    state: null,
    checkpointSeconds: 60,
    interruption: null,
    ...more,
  }
}

interface Watched {
  events: EngineEvent[]
  finished: Extract<EngineEvent, { type: 'finished' }>
}

async function train(
  trainCommand: TrainCommand,
  {
    stopAfterCalls = Infinity,
    pause = (): Promise<void> | null => null,
    create = async (_choice: string) => new ReferenceExecutor(true) as Executor,
  } = {},
): Promise<Watched> {
  const events: EngineEvent[] = []
  let asked = 0
  const trainer = new Trainer(trainCommand, {
    createExecutor: create,
    emit: (event) => events.push(event),
    stopRequested: () => ++asked > stopAfterCalls,
    pause,
  })
  const finished = await trainer.run()
  return { events, finished }
}

function ofType<T extends EngineEvent['type']>(
  events: EngineEvent[],
  type: T,
): Extract<EngineEvent, { type: T }>[] {
  return events.filter((event): event is Extract<EngineEvent, { type: T }> => event.type === type)
}

describe('Trainer', () => {
  test('learns, reports every step once and keeps the best epoch', async () => {
    const { events, finished } = await train(command({ training: { ...command().training, epochs: 6 } }))
    const [started] = ofType(events, 'started')
    expect(started!.stepsPerEpoch).toBe(8)
    const steps = ofType(events, 'progress').flatMap((event) => [...event.steps])
    expect(steps).toEqual(Array.from({ length: 48 }, (_, i) => i + 1))
    const epochs = ofType(events, 'epoch')
    expect(epochs.map(({ metrics }) => metrics.epoch)).toEqual([1, 2, 3, 4, 5, 6])
    expect(epochs.at(-1)!.metrics.loss).toBeLessThan(epochs[0]!.metrics.loss)
    expect(epochs.at(-1)!.metrics.valAccuracy).toBeGreaterThan(0.9)

    const lowest = epochs.reduce((a, b) => (b.metrics.valLoss < a.metrics.valLoss ? b : a))
    expect(finished.reason).toBe('completed')
    expect(finished.state.best!.epoch).toBe(lowest.metrics.epoch)
    expect(finished.state.best!.weights).toEqual(lowest.state.weights)
    expect(finished.state.step).toBe(48)
  })

  test('the mean loss of an epoch weighs batches by their images', async () => {
    const { events } = await train(command({ training: { ...command().training, epochs: 1 } }))
    const losses = ofType(events, 'progress').flatMap((event) => [...event.losses])
    const sum = losses.reduce((total, loss, i) => total + loss * (i === 7 ? 5 : 8), 0)
    expect(ofType(events, 'epoch')[0]!.metrics.loss).toBeCloseTo(sum / 61, 6)
  })

  test('clipping, smoothing and class weights reach the training, and validation stays the plain loss', async () => {
    const losses = async (more: Partial<TrainCommand['training']>, classWeights: number[] | null = null) => {
      const training = { ...command().training, epochs: 1, ...more }
      const { events } = await train(command({ training, classWeights }))
      const [epoch] = ofType(events, 'epoch')
      return { steps: ofType(events, 'progress').flatMap((event) => [...event.losses]), epoch: epoch! }
    }
    const plain = await losses({})
    const smoothed = await losses({ labelSmoothing: 0.5 })
    const weighted = await losses({}, [1, 5])
    const clipped = await losses({ clipNorm: 1e-9 })
    expect(smoothed.steps[0]).not.toBe(plain.steps[0])
    expect(weighted.steps[0]).not.toBe(plain.steps[0])
    // Clipping changes no loss before the first update.
    expect(clipped.steps[0]).toBe(plain.steps[0])
    expect(clipped.steps[3]).not.toBe(plain.steps[3])

    // Weights that do not move: whatever is minimised, validation gives the same number.
    const optimizer = {
      type: 'sgd',
      learningRate: 1e-30,
      momentum: 0,
      nesterov: false,
      weightDecay: 0,
    } as const
    const still = await losses({ optimizer })
    const other = await losses({ optimizer, labelSmoothing: 0.5 }, [1, 5])
    expect(other.epoch.metrics.loss).not.toBeCloseTo(still.epoch.metrics.loss, 3)
    expect(other.epoch.metrics.valLoss).toBeCloseTo(still.epoch.metrics.valLoss, 9)
    // Names of a state are those of weights alone, so that models and checkpoints stay as they are.
    expect(other.epoch.state.weights.map(({ name }) => name)).toEqual(
      still.epoch.state.weights.map(({ name }) => name),
    )
  })

  test('the same seed gives the same curve, another seed another', async () => {
    const curve = async (seed: number): Promise<number[]> => {
      const { events } = await train(command({ training: { ...command().training, seed } }))
      return ofType(events, 'progress').flatMap((event) => [...event.losses])
    }
    const first = await curve(5)
    expect(await curve(5)).toEqual(first)
    expect(await curve(6)).not.toEqual(first)
  })

  test('resumes after an epoch exactly where an unbroken run would be', async () => {
    const whole = await train(command())
    const first = await train(command({ training: { ...command().training, epochs: 1 } }))
    const second = await train(command({ state: structuredClone(first.finished.state) }))
    expect(second.finished.state).toEqual(whole.finished.state)
  })

  /** Everything that changes over a run, so that a state must know of all of it. */
  const changing: Partial<TrainCommand['training']> = {
    epochs: 5,
    batchSizes: [{ fromEpoch: 3, batchSize: 16 }],
    schedule: {
      type: 'plateau',
      factor: 0.5,
      patience: 0,
      threshold: 0.9,
      cooldown: 1,
      minLearningRate: 1e-5,
    },
    warmup: { length: 5, unit: 'steps', startFactor: 0.1 },
    earlyStopping: { monitor: 'valLoss', patience: 2, minDelta: 0.15 },
    clipNorm: 0.5,
  }

  test.each([
    ['with settings that stay', {}],
    ['with schedule, warm-up, early stopping and batch sizes', changing],
  ])('stops anywhere, keeps everything, and resumes exactly, %s', async (_name, change) => {
    const training = { ...command().training, ...change }
    const whole = await train(command({ training }))
    if (change === changing) {
      expect(whole.finished.state.plateau!.scale).toBeLessThan(1)
      expect(whole.finished.early).toBeDefined()
    }
    const numbers = ({ events }: Watched): number[][] =>
      ofType(events, 'epoch').map(({ metrics }) => [
        metrics.loss,
        metrics.accuracy,
        metrics.valLoss,
        metrics.valAccuracy,
      ])
    const steps: number[] = []
    for (let calls = 0; calls <= 12; calls++) {
      const stopped = await train(command({ training }), { stopAfterCalls: calls })
      const { state, reason } = stopped.finished
      steps.push(state.step)
      // How many calls a run takes depends on how fast it goes; it may have come to its end.
      expect(reason === 'stopped' || state.step === whole.finished.state.step).toBe(true)
      const resumed = await train(command({ training, state: structuredClone(state) }))
      expect(resumed.finished).toEqual(whole.finished)
      expect([...numbers(stopped), ...numbers(resumed)]).toEqual(numbers(whole))
    }
    expect(steps[0]).toBe(0)
    expect(steps.filter((step) => step > 0 && step < 8)).not.toEqual([])
  })

  test('the rate of every step is that of the schedule, and each epoch tells its last', async () => {
    const requests: number[][] = []
    class Recording extends ReferenceExecutor {
      override async run(request: StepRequest): Promise<StepResult> {
        if (request.mode === 'train') requests.push([...request.learningRates])
        return super.run(request)
      }
    }
    const training = {
      ...command().training,
      epochs: 3,
      schedule: { type: 'step', stepSize: 1, gamma: 0.5 },
      warmup: { length: 8, unit: 'steps', startFactor: 0.5 },
    } as const
    const { events } = await train(command({ training }), { create: async () => new Recording(true) })
    const rates = requests.flat()
    expect(rates).toHaveLength(24)
    rates.slice(0, 8).forEach((rate, i) => expect(rate).toBeCloseTo(0.01 * (0.5 + i / 16), 8))
    expect(rates.slice(8)).toEqual(
      [...Array<number>(8).fill(0.01), ...Array<number>(8).fill(0.005)].map(Math.fround),
    )
    const epochs = ofType(events, 'epoch').map(({ metrics }) => [metrics.steps, metrics.learningRate])
    expect(epochs).toEqual([
      [8, expect.closeTo(0.01 * (0.5 + 7 / 16), 9)],
      [16, 0.01],
      [24, 0.005],
    ])
  })

  test('other batch sizes from an epoch on make other steps, of one plan', async () => {
    const training = { ...command().training, epochs: 3, batchSizes: [{ fromEpoch: 2, batchSize: 16 }] }
    const { events } = await train(command({ training }))
    expect(ofType(events, 'epoch').map(({ metrics }) => metrics.steps)).toEqual([8, 12, 16])
    // The first epoch is that of the smaller batch alone.
    const small = await train(command({ training: { ...command().training, epochs: 1 } }))
    const losses = (watched: Watched) =>
      ofType(watched.events, 'progress').flatMap((event) => [...event.losses])
    expect(losses({ events } as Watched).slice(0, 8)).toEqual(losses(small))
  })

  test('ends early with its reason, keeps the best of what is watched, and stays ended when resumed', async () => {
    const training = {
      ...command().training,
      epochs: 50,
      earlyStopping: { monitor: 'valAccuracy', patience: 3, minDelta: 0 },
    } as const
    const { events, finished } = await train(command({ training }))
    const epochs = ofType(events, 'epoch').map(({ metrics }) => metrics)
    const best = Math.max(...epochs.map(({ valAccuracy }) => valAccuracy))
    const first = epochs.find(({ valAccuracy }) => valAccuracy === best)!
    expect(epochs.length).toBe(first.epoch + 3)
    expect(finished.reason).toBe('completed')
    expect(finished.early).toEqual({
      ...training.earlyStopping,
      epoch: epochs.length,
      best,
      bestEpoch: first.epoch,
    })
    expect(finished.state.best!.epoch).toBe(first.epoch)
    const resumed = await train(command({ training, state: structuredClone(finished.state) }))
    expect(resumed.finished).toEqual(finished)
    expect(ofType(resumed.events, 'epoch')).toEqual([])
    // It came to its last epoch by itself: nothing was early.
    const exact = await train(command({ training: { ...training, epochs: epochs.length } }))
    expect(exact.finished.early).toBeUndefined()
  })

  test('pauses anywhere with its whole state told, computes nothing meanwhile, and goes on to the same end', async () => {
    const whole = await train(command())
    for (const at of [0, 1, 2, 3, 5]) {
      let calls = 0
      let over: Promise<void> | null = null
      let end = () => undefined as void
      const watched = train(command(), {
        pause: () => {
          if (calls++ === at) over = new Promise((resolve) => (end = resolve))
          return over
        },
      })
      await expect.poll(() => over !== null).toBe(true)
      await setTimeout(20)
      const before = calls
      await setTimeout(20)
      expect(calls).toBe(before)
      over = null
      end()
      const { events, finished } = await watched
      expect(finished).toEqual(whole.finished)
      expect(curveOf(events)).toEqual(curveOf(whole.events))
      const [paused] = ofType(events, 'paused')
      expect(curveOf(events.slice(0, events.indexOf(paused!))).steps.at(-1) ?? 0).toBe(paused!.state.step)
      const resumed = await train(command({ state: structuredClone(paused!.state) }))
      expect(resumed.finished.state).toEqual(whole.finished.state)
      expect(ofType(events, 'resumed')).toHaveLength(1)
      // The pause is no time of the epoch.
      const [epoch] = ofType(events, 'epoch')
      expect(epoch!.metrics.seconds).toBeGreaterThan(0)
    }
  })

  describe('images that are brought while it computes', () => {
    const cases = [
      ['the reference', async () => new ReferenceExecutor(true) as Executor],
      ['the CPU executor', () => createWasmExecutor({ threads: 2 })],
    ] as const
    test.each(cases)('give the same bits as images in memory, on %s', async (_name, create) => {
      const whole = await train(command(), { create })
      for (const ringCount of [16, 21, 200]) {
        const streams = {
          trainingImages: streamOf(command().trainingImages as ImageSet, ringCount),
          validationImages: streamOf(command().validationImages as ImageSet, ringCount),
        }
        const streamed = await train(command(streams), { create })
        expect(streamed.finished.state).toEqual(whole.finished.state)
        const losses = ({ events }: Watched) =>
          ofType(events, 'progress').flatMap((event) => [...event.losses])
        expect(losses(streamed)).toEqual(losses(whole))
        for (const stream of Object.values(streams)) stream.close()
      }
    })

    test('tell how long steps waited for them', async () => {
      const wait = async (more: Partial<TrainCommand>): Promise<number> => {
        const { events } = await train(command({ training: { ...command().training, epochs: 1 }, ...more }))
        return ofType(events, 'epoch')[0]!.metrics.dataWait!
      }
      const inMemory = await wait({})
      const trainingImages = streamOf(command().trainingImages as ImageSet, 16)
      const streamed = await wait({ trainingImages })
      trainingImages.close()
      for (const share of [inMemory, streamed]) expect(share).toBeGreaterThanOrEqual(0)
      expect(streamed).toBeLessThanOrEqual(1)
      expect(streamed).toBeGreaterThan(inMemory)
    })

    test('end the run with the reason when they fail to come', async () => {
      const trainingImages = streamOf(command().trainingImages as ImageSet, 16)
      trainingImages.close()
      await expect(train(command({ trainingImages }))).rejects.toMatchObject({ code: 'ENGINE_STOPPED' })
    })
  })

  test('a loss that is no number ends the run with RUN_DIVERGED', async () => {
    const optimizer = {
      type: 'sgd',
      learningRate: 1e20,
      momentum: 0,
      nesterov: false,
      weightDecay: 1,
    } as const
    const training = { ...command().training, optimizer }
    // Without batchNorm, which would keep the loss finite.
    const plain = chain(
      [4, 4, 1],
      [
        ['flat', 'flatten'],
        ['d1', 'dense', { units: 8 }],
        ['d2', 'dense', { units: 2 }],
      ],
    )
    await expect(train(command({ graph: plain, training }))).rejects.toMatchObject({ code: 'RUN_DIVERGED' })
  })

  /** What is left of the steps told when those that are made again are dropped, as windows and files do. */
  function curveOf(events: EngineEvent[]): { steps: number[]; losses: number[] } {
    let curve: { step: number; loss: number }[] = []
    for (const event of events) {
      if (event.type === 'started') curve = curve.filter(({ step }) => step <= event.from.step)
      if (event.type === 'progress')
        event.steps.forEach((step, i) => curve.push({ step, loss: event.losses[i]! }))
    }
    return { steps: curve.map(({ step }) => step), losses: curve.map(({ loss }) => loss) }
  }

  /** Loses its device at a step. */
  class LostDevice extends ReferenceExecutor {
    override readonly info = { ...new ReferenceExecutor().info, kind: 'webgpu' as const, name: 'Test GPU' }
    constructor(private readonly lastStep: number) {
      super(true)
    }
    override async run(request: StepRequest): Promise<StepResult> {
      if (request.mode === 'train' && request.firstStep + request.counts.length > this.lastStep)
        throw new InterlockError('DEVICE_LOST', { problem: 'it was unplugged' })
      return super.run(request)
    }
  }

  test('in auto mode a lost device is opened once more, then the CPU goes on; nothing is told twice', async () => {
    const choices: string[] = []
    const devices = [new LostDevice(11), new LostDevice(19)]
    const { events, finished } = await train(command({ executor: 'auto' }), {
      create: async (choice) => {
        choices.push(choice)
        return choice === 'cpu' ? new ReferenceExecutor(true) : devices.shift()!
      },
    })
    expect(choices).toEqual(['auto', 'auto', 'cpu'])
    const started = ofType(events, 'started')
    expect(started.map(({ from }) => [from.epoch, from.step])).toEqual([
      [0, 0],
      [1, 8],
      [2, 16],
    ])
    expect(started[1]!.executor.reason).toContain('it was unplugged')
    expect(started[1]!.executor.reason).toContain('from the end of epoch 1')
    expect(started[2]!.executor.reason).toContain('lost twice')
    const whole = await train(command())
    expect(finished.state).toEqual(whole.finished.state)
    expect(curveOf(events)).toEqual(curveOf(whole.events))
    expect(ofType(events, 'epoch').map(({ metrics }) => metrics.epoch)).toEqual([1, 2, 3])
  })

  test('states told within an epoch come after their steps, and a run goes on from each exactly', async () => {
    const whole = await train(command())
    const watched = await train(command({ checkpointSeconds: 0 }))
    const checkpoints = ofType(watched.events, 'checkpoint')
    expect(checkpoints.length).toBeGreaterThan(3)
    // The first tells of the blocks too; the next ones only as often as that costs little.
    const { blocks: known } = ofType(watched.events, 'epoch')[0]!.metrics
    expect(checkpoints[0]!.blocks?.map(({ blockId }) => blockId)).toEqual(
      known!.map(({ blockId }) => blockId),
    )
    for (const { gradientNorm } of checkpoints[0]!.blocks!) expect(gradientNorm).toBeGreaterThan(0)
    expect(checkpoints.some(({ blocks }) => blocks === undefined)).toBe(true)
    for (const checkpoint of checkpoints) {
      const before = watched.events.slice(0, watched.events.indexOf(checkpoint))
      expect(curveOf(before).steps.at(-1)).toBe(checkpoint.state.step)
      const resumed = await train(command({ state: structuredClone(checkpoint.state) }))
      expect(resumed.finished.state).toEqual(whole.finished.state)
      const { from } = ofType(resumed.events, 'started')[0]!
      const { epoch, step, withinEpoch } = checkpoint.state
      expect(from).toEqual({ epoch, step, images: withinEpoch!.images })
    }
  })

  test('a device lost within an epoch costs the steps since the last state only', async () => {
    const { events, finished } = await train(command({ executor: 'auto', checkpointSeconds: 0 }), {
      create: (() => {
        const devices: Executor[] = [new LostDevice(13), new ReferenceExecutor(true)]
        return async () => devices.shift()!
      })(),
    })
    const { from } = ofType(events, 'started')[1]!
    expect(from.epoch).toBe(1)
    expect(from.step).toBeGreaterThan(8)
    expect(ofType(events, 'started')[1]!.executor.reason).toContain(`from step ${from.step}, in epoch 2`)
    const whole = await train(command())
    expect(finished.state).toEqual(whole.finished.state)
    expect(curveOf(events)).toEqual(curveOf(whole.events))
  })

  test('an executor that was asked for by name is not replaced', async () => {
    class Broken extends ReferenceExecutor {
      override readonly info = { ...new ReferenceExecutor().info, kind: 'webgpu' as const }
      override async run(): Promise<StepResult> {
        throw new InterlockError('DEVICE_LOST', { problem: 'it was unplugged' })
      }
    }
    const run = train(command({ executor: 'webgpu' }), { create: async () => new Broken() })
    await expect(run).rejects.toMatchObject({ code: 'DEVICE_LOST' })
    const later = train(command({ executor: 'webgpu' }), { create: async () => new LostDevice(11) })
    // The message says what is kept and how to go on.
    const message = /unplugged.*end of epoch 1 is saved.*Resume.*--resume/
    await expect(later).rejects.toMatchObject({
      code: 'RUN_INTERRUPTED',
      message: expect.stringMatching(message),
    })
  })
})

describe('randomness', () => {
  test('every epoch visits all images once, in an order of its own', () => {
    const first = epochOrder(1000, 1, 1)
    expect([...first].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i))
    expect(epochOrder(1000, 1, 1)).toEqual(first)
    for (const other of [epochOrder(1000, 1, 2), epochOrder(1000, 2, 1)]) {
      const same = other.filter((index, i) => index === first[i]).length
      expect(same).toBeLessThan(10)
    }
  })

  test('fresh weights: Glorot uniform, zeros and ones, from the seed and the name', () => {
    const weights = initialiseWeights(lowerGraph(lenet()), 1)
    const kernel = weights.find(({ name }) => name === 'd1/kernel')!.data
    const limit = Math.sqrt(6 / (400 + 120))
    const variance = kernel.reduce((sum, x) => sum + x * x, 0) / kernel.length
    expect(Math.max(...kernel.map(Math.abs))).toBeLessThanOrEqual(limit)
    expect(Math.sqrt(variance)).toBeCloseTo(limit / Math.sqrt(3), 3)
    expect(Math.abs(kernel.reduce((sum, x) => sum + x, 0) / kernel.length)).toBeLessThan(0.002)
    expect(weights.find(({ name }) => name === 'd1/bias')!.data.every((x) => x === 0)).toBe(true)
    const norm = initialiseWeights(lowerGraph(graph), 1)
    expect(norm.find(({ name }) => name === 'bn/gamma')!.data).toEqual(new Float32Array([1, 1, 1]))

    expect(initialiseWeights(lowerGraph(lenet()), 1)).toEqual(weights)
    const other = initialiseWeights(lowerGraph(lenet()), 2).find(({ name }) => name === 'd1/kernel')!.data
    expect(other).not.toEqual(kernel)
  })
})
