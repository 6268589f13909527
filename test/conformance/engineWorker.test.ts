/** The built engine thread through its protocol: probe, train, stop, refuse a second run, infer, shut down. */
import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { EngineCommand, EngineEvent, TrainCommand } from '#shared/engine/protocol'
import type { ImageSet } from '#shared/engine/tensors'
import { trainingSchema } from '#shared/training/settings'
import { workerFile } from '../../src-main/engine/workerFile'
import { chain } from '../plan/graphs'
import { createRandom, randomImages } from './random'

type EventOf<T extends EngineEvent['type']> = Extract<EngineEvent, { type: T }>

const graph = chain(
  [12, 12, 1],
  [
    ['c1', 'conv2d', { filters: 4, activation: 'relu' }],
    ['flat', 'flatten'],
    ['d1', 'dense', { units: 3 }],
  ],
)

let worker: Worker
const events: EngineEvent[] = []
let wake: () => void = () => undefined

const post = (command: EngineCommand): void => worker.postMessage(command)

/** The first event of a type (and run) from now or earlier on. */
async function event<T extends EngineEvent['type']>(type: T, id?: string): Promise<EventOf<T>> {
  for (;;) {
    const found = events.find(
      (candidate): candidate is EventOf<T> =>
        candidate.type === type &&
        (id === undefined ||
          ('runId' in candidate && candidate.runId === id) ||
          ('requestId' in candidate && candidate.requestId === id)),
    )
    if (found) return found
    await new Promise<void>((resolve) => (wake = resolve))
  }
}

function images(seed: number, count: number): ImageSet {
  return randomImages(createRandom(seed), count, [12, 12, 1], 3)
}

function trainCommand(runId: string, epochs: number, images_: ImageSet = images(1, 200)): TrainCommand {
  return {
    type: 'train',
    runId,
    graph,
    training: trainingSchema.parse({ epochs, batchSize: 16 }),
    executor: 'cpu',
    threads: 2,
    trainingImages: images_,
    validationImages: images(2, 50),
    normalisation: { mean: [0.5], std: [0.25] },
    classWeights: null,
    state: null,
    checkpointSeconds: 60,
    interruption: null,
  }
}

describe('the engine thread', () => {
  beforeAll(() => {
    worker = new Worker(workerFile('engineWorker'))
    worker.on('message', (message: EngineEvent) => {
      events.push(message)
      wake()
    })
  })
  afterAll(() => worker.terminate())

  test('says that it is ready and what it can compute on', async () => {
    await event('ready')
    post({ type: 'probe', requestId: 'probe' })
    const { result } = await event('probed', 'probe')
    expect(result.executors.map(({ kind }) => kind)).toEqual(['webgpu', 'cpu'])
    expect(result.auto.reason).not.toBe('')
    const webgpu = result.executors[0]!
    expect(result.auto.kind).toBe(webgpu.available && !webgpu.software ? 'webgpu' : 'cpu')
  })

  test('trains, then answers with probabilities of the trained weights', async () => {
    post(trainCommand('short', 3))
    const { state, reason } = await event('finished', 'short')
    expect(reason).toBe('completed')
    expect(state.epoch).toBe(3)
    const epochs = events.filter((candidate) => candidate.type === 'epoch' && candidate.runId === 'short')
    expect(epochs).toHaveLength(3)

    const validation = images(2, 50)
    const request = {
      type: 'infer',
      graph,
      weights: state.weights,
      normalisation: { mean: [0.5], std: [0.25] },
      executor: 'cpu',
      threads: 2,
    } as const
    post({ ...request, requestId: 'whole', images: validation })
    const answer = await event('inferred', 'whole')
    expect(answer.probabilities).toHaveLength(50 * 3)
    const last = epochs.at(-1) as EventOf<'epoch'>
    expect(answer.loss).toBeCloseTo(last.metrics.valLoss, 5)

    const unknown = { ...validation, labels: new Int32Array(50).fill(-1) }
    post({ ...request, requestId: 'unlabelled', images: unknown })
    const unlabelled = await event('inferred', 'unlabelled')
    expect(unlabelled.loss).toBeNaN()
    expect(unlabelled.probabilities).toEqual(answer.probabilities)

    const half = { ...validation, labels: validation.labels.map((label, i) => (i < 25 ? label : -1)) }
    post({ ...request, requestId: 'half', images: half })
    const first = (await event('inferred', 'half')).loss
    const expected = half.labels
      .subarray(0, 25)
      .reduce((sum, label, i) => sum - Math.log(answer.probabilities[i * 3 + label]!) / 25, 0)
    expect(first).toBeCloseTo(expected, 4)
  })

  test('refuses a second run while one is going on, and stops that one when asked', async () => {
    post(trainCommand('long', 100_000))
    await event('progress', 'long')
    post(trainCommand('second', 1))
    expect((await event('failed', 'second')).error.code).toBe('RUN_ALREADY_ACTIVE')
    post({ type: 'stop', runId: 'long' })
    const { reason, state } = await event('finished', 'long')
    expect(reason).toBe('stopped')
    expect(state.step).toBeGreaterThan(0)
  })

  test('answers a command that cannot be carried out with its reason', async () => {
    const broken = chain([12, 12, 1], [['d1', 'dense', { units: 3 }]])
    post({ ...trainCommand('broken', 1), graph: broken })
    expect((await event('failed', 'broken')).error.code).toBe('PROJECT_DOES_NOT_FIT')
    post({
      type: 'infer',
      requestId: 'weightless',
      graph,
      weights: [],
      normalisation: { mean: [0], std: [1] },
      images: images(3, 2),
      executor: 'cpu',
      threads: 1,
    })
    expect((await event('requestFailed', 'weightless')).error.message).toContain('c1/kernel')
  })

  test('ends when told to, a run included', async () => {
    const ended = new Promise((resolve) => worker.once('exit', resolve))
    post(trainCommand('last', 100_000))
    await event('progress', 'last')
    post({ type: 'shutdown' })
    expect(await ended).toBe(0)
    expect((await event('finished', 'last')).reason).toBe('stopped')
  })
})
