/** How much memory and time a training will take: the plan's bytes, and a few real steps of this very network. */
import { setImmediate } from 'node:timers/promises'
import type { Executor, ExecutorChoice } from '#shared/engine/executor'
import type { Forecast, ForecastCommand, ForecastTime } from '#shared/engine/protocol'
import type { ImageSet } from '#shared/engine/tensors'
import type { Plan } from '#shared/engine/plan'
import { largestBatchSize } from '#shared/training/batchSizes'
import { initialiseWeights } from './initialiseWeights'
import { compileNetwork } from './plan/compileNetwork'
import { lowerGraph } from './plan/lowerGraph'
import { planBytes } from './plan/planBytes'
import { weightNames } from './plan/weightNames'
import { createRandomStream } from './randomStream'
import { StepPacer } from './stepPacer'
import { takeBatches } from './takeBatches'

/** How long is measured, in seconds, once the executor is warm: training steps, then inference steps. */
const trainingSeconds = 0.8
const inferenceSeconds = 0.3
/** Compilers and caches take a while to settle, in seconds. */
const warmUpSeconds = 0.25
/** Bytes of random images; more than a processor's cache holds, as real images are. */
const imageBytes = 16 * 2 ** 20
/** The CPU executor pads a batch to a multiple of this. */
const lanes = 16

function randomImages(plan: Plan): ImageSet {
  const [height, width, channels] = plan.input as [number, number, number]
  const size = height * width * channels
  const count = Math.max(plan.batchSize, Math.min(plan.batchSize * 64, Math.floor(imageBytes / size)))
  const next = createRandomStream(1, 1)
  const pixels = new Uint8Array(new SharedArrayBuffer(count * size))
  for (let i = 0; i < pixels.length; i++) pixels[i] = next() >>> 24
  const labels = Int32Array.from({ length: count }, () => (next() >>> 0) % plan.classes)
  return { count, height, width, channels, pixels, labels }
}

/** Seconds of one step; null when it was called off. Steps are handed over in calls as a training does it. */
async function timeSteps(
  executor: Executor,
  { plan, images, mode }: { plan: Plan; images: ImageSet; mode: 'train' | 'infer' },
  budget: number,
  calledOff: () => boolean,
): Promise<number | null> {
  const pacer = new StepPacer()
  const next = createRandomStream(2, 2)
  const calls: { steps: number; seconds: number }[] = []
  let spent = 0
  let step = 0
  while (spent < warmUpSeconds + budget || calls.length === 0) {
    await setImmediate()
    if (calledOff()) return null
    const order = Uint32Array.from(
      { length: plan.batchSize * pacer.next },
      () => (next() >>> 0) % images.count,
    )
    const { counts, indices } = takeBatches(order, 0, plan.batchSize, pacer.next)
    const learningRates = new Float32Array(mode === 'train' ? counts.length : 0)
    const started = performance.now()
    await executor.run({
      ...{ mode, set: 'forecast', indices, counts, learningRates, firstStep: step, probabilities: false },
      drawn: { epoch: 1, images: indices },
    })
    const seconds = (performance.now() - started) / 1000
    pacer.record(counts.length, seconds)
    step += counts.length
    // The first call may compile; where one step takes seconds there is no time for a warm-up.
    if (spent >= warmUpSeconds || seconds > budget) calls.push({ steps: counts.length, seconds })
    spent += seconds
  }
  // The median of the calls, so that one disturbed by something else does not count.
  const each = calls.map(({ steps, seconds }) => seconds / steps).sort((a, b) => a - b)
  return (each[(each.length - 1) >> 1]! + each[each.length >> 1]!) / 2
}

async function measure(
  executor: Executor,
  plan: Plan,
  { images }: ForecastCommand,
  calledOff: () => boolean,
): Promise<ForecastTime | null> {
  const random = randomImages(plan)
  await executor.loadImages('forecast', random)
  const train = await timeSteps(executor, { plan, images: random, mode: 'train' }, trainingSeconds, calledOff)
  if (train === null) return null
  const infer = await timeSteps(
    executor,
    { plan, images: random, mode: 'infer' },
    inferenceSeconds,
    calledOff,
  )
  if (infer === null) return null
  // What an epoch ends with.
  const started = performance.now()
  await executor.read(weightNames(plan))
  const saving = (performance.now() - started) / 1000
  // A short last batch costs what its padding costs, about its share.
  const steps = (count: number) => Math.max(count > 0 ? 1 : 0, count / plan.batchSize)
  return {
    executor: { ...executor.info },
    secondsPerStep: train,
    secondsPerEpoch: steps(images.training) * train + steps(images.validation) * infer + saving,
  }
}

/**
 * The memory of a training and, where `probe` asks for it, its time. Null when called off. Throws PROJECT_DOES_NOT_FIT,
 * EXECUTOR_UNAVAILABLE, OUT_OF_MEMORY.
 */
export async function forecast(
  command: ForecastCommand,
  createExecutor: (choice: ExecutorChoice, threads: number | null) => Promise<Executor>,
  calledOff: () => boolean,
): Promise<Forecast | null> {
  const { graph, training, images, probe } = command
  const network = lowerGraph(graph)
  const plan = compileNetwork(network, {
    batchSize: Math.min(largestBatchSize(training), Math.max(images.training, images.validation)),
    optimizer: training.optimizer,
    seed: training.seed,
    clipNorm: training.clipNorm,
    labelSmoothing: training.labelSmoothing,
    augmentation: training.augmentation,
  })
  const padded = Math.ceil(plan.batchSize / lanes) * lanes
  const bytes = planBytes(plan, command.executor === 'webgpu' ? plan.batchSize : padded)
  if (!probe) return { bytes, time: null }
  if (calledOff()) return null
  const executor = await createExecutor(command.executor, command.threads)
  try {
    await executor.prepare(plan)
    const channels = plan.input[2] ?? 1
    await executor.setNormalisation({ mean: Array(channels).fill(0.5), std: Array(channels).fill(0.3) })
    await executor.write(initialiseWeights(network, training.seed))
    const time = await measure(executor, plan, command, calledOff)
    return time === null ? null : { bytes, time }
  } finally {
    await executor.dispose().catch(() => undefined)
  }
}
