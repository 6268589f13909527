/** Trains fresh weights on the real images with a rising learning rate, and tells how the loss took it (`rateSearch.ts`). */
import { setImmediate } from 'node:timers/promises'
import type { Executor, ExecutorChoice } from '#shared/engine/executor'
import type { SearchRateCommand } from '#shared/engine/protocol'
import { largestBatchSize } from '#shared/training/batchSizes'
import {
  concludeSearch,
  searchedRate,
  searchedRates,
  stepsUntilAway,
  type RateCurve,
  type RateSearch,
} from '#shared/training/rateSearch'
import { epochOrder } from './epochOrder'
import { createFeed } from './imageFeed'
import { initialiseWeights } from './initialiseWeights'
import { compileNetwork, lossNames } from './plan/compileNetwork'
import { lowerGraph } from './plan/lowerGraph'
import { StepPacer } from './stepPacer'
import { takeBatches } from './takeBatches'

export interface SearchContext {
  createExecutor(choice: ExecutorChoice, threads: number | null): Promise<Executor>
  calledOff(): boolean
  /** The next steps that were tried. */
  onTried(curve: RateCurve): void
}

/** Null when called off. Throws PROJECT_DOES_NOT_FIT, EXECUTOR_UNAVAILABLE, OUT_OF_MEMORY and what an executor fails with. */
export async function searchRate(
  command: SearchRateCommand,
  { createExecutor, calledOff, onTried }: SearchContext,
): Promise<RateSearch | null> {
  const { graph, training, trainingImages, classWeights } = command
  const network = lowerGraph(graph)
  const plan = compileNetwork(network, {
    // As the training would have it, for the same memory; the batches are those of its first epoch.
    batchSize: Math.min(largestBatchSize(training), trainingImages.count),
    optimizer: training.optimizer,
    seed: training.seed,
    clipNorm: training.clipNorm,
    labelSmoothing: training.labelSmoothing,
    augmentation: training.augmentation,
    classWeights: classWeights !== null,
  })
  const batchSize = Math.min(training.batchSize, plan.batchSize)
  if (calledOff()) return null
  const executor = await createExecutor(command.executor, command.threads)
  try {
    await executor.prepare(plan)
    await executor.setNormalisation(command.normalisation)
    const feed = createFeed(trainingImages)
    await feed.load(executor, 'training')
    await executor.write(initialiseWeights(network, training.seed))
    if (classWeights !== null) {
      const data = Float32Array.from(classWeights)
      await executor.write([{ name: lossNames.classWeights, shape: [data.length], data }])
    }
    const pacer = new StepPacer()
    const learningRates: number[] = []
    const losses: number[] = []
    let epoch = 0
    let order: Uint32Array = new Uint32Array(0)
    let taken = 0
    while (losses.length < searchedRates.steps && stepsUntilAway(losses) === null) {
      await setImmediate()
      if (calledOff()) return null
      if (taken === order.length) {
        order = epochOrder(trainingImages.count, training.seed, ++epoch)
        feed.begin(order, 0)
        taken = 0
      }
      const fits = Math.max(1, Math.floor(feed.most / batchSize))
      const steps = Math.min(pacer.next, fits, searchedRates.steps - losses.length)
      const batches = takeBatches(order, taken, batchSize, steps)
      const { counts } = batches
      taken += batches.indices.length
      const rates = Array.from(counts, (_, i) => searchedRate(losses.length + i))
      const indices = await feed.take(batches.indices)
      const started = performance.now()
      const result = await executor.run({
        mode: 'train',
        set: 'training',
        indices,
        counts,
        learningRates: Float32Array.from(rates),
        firstStep: losses.length,
        probabilities: false,
        drawn: { epoch, images: batches.indices },
      })
      pacer.record(counts.length, (performance.now() - started) / 1000)
      learningRates.push(...rates)
      losses.push(...result.losses)
      onTried({ learningRates: rates, losses: [...result.losses] })
    }
    return concludeSearch({ learningRates, losses })
  } finally {
    await executor.dispose().catch(() => undefined)
  }
}
