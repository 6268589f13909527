/**
 * Trains a network: epochs, batches, validation, the best epoch, stopping, resuming. Knows executors only through their
 * interface; files, threads and screens not at all.
 */
import { setImmediate, setTimeout } from 'node:timers/promises'
import type { Executor, ExecutorChoice } from '#shared/engine/executor'
import type { Plan } from '#shared/engine/plan'
import type { EngineEvent, EpochMetrics, TrainCommand, TrainerState } from '#shared/engine/protocol'
import { InterlockError } from '#shared/issues/errors'
import { batchSizeOf, largestBatchSize } from '#shared/training/batchSizes'
import { earlyStop, isBetter, watchEpochs, type EarlyStop } from '#shared/training/earlyStopping'
import { positionOf, positionText } from '#shared/training/position'
import { rateAt, ratePlan, watchPlateau, type RatePlan } from '#shared/training/schedule'
import { BlockHealthProbe } from './blockHealth'
import { epochOrder } from './epochOrder'
import { ExecutorSuccession, type NextExecutor } from './executorSuccession'
import { createFeed, type ImageFeed } from './imageFeed'
import { initialiseWeights } from './initialiseWeights'
import { optimizerMoments } from './ops/optimizer/moments'
import { compileNetwork, lossNames } from './plan/compileNetwork'
import { lowerGraph } from './plan/lowerGraph'
import { planBytes } from './plan/planBytes'
import { weightNames } from './plan/weightNames'
import { ProgressReporter } from './progressReporter'
import { StepPacer } from './stepPacer'
import { takeBatches } from './takeBatches'

export interface TrainerContext {
  createExecutor(choice: ExecutorChoice, threads: number | null): Promise<Executor>
  emit(event: EngineEvent): void
  stopRequested(): boolean
  /** While a pause is asked for: resolves when it is over, by going on or by a stop. Null: there is none. */
  pause(): Promise<void> | null
}

type FinishedEvent = Extract<EngineEvent, { type: 'finished' }>

/** Sums over the training images of an epoch so far. */
interface EpochSums {
  images: number
  loss: number
  correct: number
}

/** Thrown inside the trainer to leave the loops when a stop was asked for. */
class Stopped extends Error {}

export class Trainer {
  private readonly plan: Plan
  private readonly names: readonly string[]
  private readonly pacer = new StepPacer()
  private readonly progress: ProgressReporter
  private readonly feeds: { training: ImageFeed; validation: ImageFeed }
  private readonly validationOrder: Uint32Array
  private readonly health: BlockHealthProbe
  /** Seconds that the steps of this epoch have waited for images. */
  private waited = 0
  /** Milliseconds that this epoch was paused. */
  private paused = 0
  private executor: Executor | null = null
  private readonly succession: ExecutorSuccession
  /** Where a run would go on after its executor failed: the newest state that was told of, or the start. */
  private safeState: TrainerState
  private safeSince = 0
  private epoch: number
  private step: number
  private sums: EpochSums
  private best: TrainerState['best']
  private plateau: TrainerState['plateau']
  private stopping: TrainerState['stopping']
  private readonly rates: RatePlan
  /** Of the newest step. */
  private learningRate: number

  /** Throws PROJECT_DOES_NOT_FIT, ARGUMENT_INVALID. */
  constructor(
    private readonly command: TrainCommand,
    private readonly context: TrainerContext,
  ) {
    const { graph, training, trainingImages, validationImages, state } = command
    for (const [what, { count }] of [
      ['training images', trainingImages],
      ['validation images', validationImages],
    ] as const) {
      if (count === 0)
        throw new InterlockError('ARGUMENT_INVALID', { what, expected: 'at least one', found: 0 })
    }
    const network = lowerGraph(graph)
    this.plan = compileNetwork(network, {
      batchSize: Math.min(largestBatchSize(training), Math.max(trainingImages.count, validationImages.count)),
      optimizer: training.optimizer,
      seed: training.seed,
      clipNorm: training.clipNorm,
      labelSmoothing: training.labelSmoothing,
      classWeights: command.classWeights !== null,
      augmentation: training.augmentation,
    })
    this.names = weightNames(this.plan)
    this.feeds = { training: createFeed(trainingImages), validation: createFeed(validationImages) }
    this.validationOrder = Uint32Array.from({ length: validationImages.count }, (_, i) => i)
    this.progress = new ProgressReporter({
      runId: command.runId,
      total: trainingImages.count,
      emit: (event) => context.emit(event),
    })
    this.health = new BlockHealthProbe(network, command.normalisation, () => context.createExecutor('cpu', 1))
    this.succession = new ExecutorSuccession(command.executor, command.threads)
    this.safeState = state ?? {
      epoch: 0,
      step: 0,
      weights: initialiseWeights(network, training.seed),
      moments: [],
      best: null,
    }
    this.rates = ratePlan(training, Math.ceil(trainingImages.count / this.batchSizeOf(1)))
    this.learningRate = training.optimizer.learningRate
    this.epoch = this.safeState.epoch
    this.step = this.safeState.step
    this.sums = { images: 0, loss: 0, correct: 0 }
    this.best = this.safeState.best
    this.plateau = this.safeState.plateau
    this.stopping = this.safeState.stopping
  }

  private batchSizeOf(epoch: number): number {
    return Math.min(batchSizeOf(this.command.training, epoch), this.plan.batchSize)
  }

  /**
   * Trains to the last epoch or until asked to stop, then lets the executor go. When the executor fails, the next one goes on from
   * the safe state. Emits `started`, `progress`, `checkpoint` and `epoch`; answers how the run ended, and throws what made it fail.
   */
  async run(): Promise<FinishedEvent> {
    const { executor: choice, threads, interruption } = this.command
    let next: NextExecutor | null = { choice, threads, interruption, waitMs: 0 }
    try {
      while (next !== null) {
        try {
          await this.start(next)
          await this.trainToEnd()
          return this.finished('completed', await this.readState())
        } catch (thrown) {
          if (thrown instanceof Stopped) throw thrown
          next = this.afterFailure(thrown)
          await this.letGo()
        }
      }
      throw new Stopped()
    } catch (thrown) {
      if (!(thrown instanceof Stopped)) throw thrown
      return this.finished('stopped', await this.readState().catch(() => this.safeState))
    } finally {
      await this.letGo()
      await this.health.close()
    }
  }

  /** Who goes on after a failure. Throws where nobody does, in words that say how to go on by hand. */
  private afterFailure(thrown: unknown): NextExecutor | null {
    const failed = this.executor?.info ?? null
    const position = positionOf(this.safeState)
    const next = this.succession.after(thrown, failed, position)
    // Whoever asked for a stop has no use for another executor.
    if (next !== null) return this.context.stopRequested() ? null : next
    if (failed === null || position.step === 0 || !this.succession.isFailure(thrown)) throw thrown
    const { message } = thrown as Error
    const details = { problem: message, position: positionText(position) }
    throw new InterlockError('RUN_INTERRUPTED', details, { cause: thrown })
  }

  private async start({ choice, threads, interruption, waitMs }: NextExecutor): Promise<void> {
    const { runId, trainingImages, normalisation, classWeights } = this.command
    const state = this.safeState
    this.epoch = state.epoch
    this.step = state.step
    this.sums = { images: 0, loss: 0, correct: 0, ...state.withinEpoch }
    this.best = state.best
    this.plateau = state.plateau
    this.stopping = state.stopping
    await setTimeout(waitMs)
    const executor = await this.context.createExecutor(choice, threads)
    this.executor = executor
    if (interruption !== null) {
      // Why it is the CPU has been said then; what `auto` chose has not.
      const { reason } = executor.info
      executor.info.reason = choice === 'auto' ? `${interruption} ${reason}` : interruption
    }
    await executor.prepare(this.plan)
    await executor.setNormalisation(normalisation)
    await this.feeds.training.load(executor, 'training')
    await this.feeds.validation.load(executor, 'validation')
    await executor.write([...state.weights, ...state.moments])
    if (classWeights) {
      const data = Float32Array.from(classWeights)
      await executor.write([{ name: lossNames.classWeights, shape: [data.length], data }])
    }
    this.safeSince = performance.now()
    this.context.emit({
      type: 'started',
      runId,
      executor: { ...executor.info },
      stepsPerEpoch: Math.ceil(trainingImages.count / this.batchSizeOf(state.epoch + 1)),
      bytes: planBytes(this.plan, this.plan.batchSize),
      from: positionOf(state),
    })
  }

  private async letGo(): Promise<void> {
    await this.executor?.dispose().catch(() => undefined)
    this.executor = null
  }

  private async trainToEnd(): Promise<void> {
    while (this.epoch < this.command.training.epochs && this.early() === null) await this.trainEpoch()
  }

  /** Why the run ends here and not with its last epoch, or null. */
  private early(): EarlyStop | null {
    return earlyStop(this.stopping ?? null, this.command.training.earlyStopping, this.epoch)
  }

  private async trainEpoch(): Promise<void> {
    const { training, trainingImages } = this.command
    const epoch = this.epoch + 1
    const total = trainingImages.count
    const order = epochOrder(total, training.seed, epoch)
    this.feeds.training.begin(order, this.sums.images)
    this.feeds.validation.begin(this.validationOrder, 0)
    this.waited = 0
    this.paused = 0
    this.progress.startEpoch(this.sums.images)
    const started = performance.now()
    const before = this.sums.images
    while (this.sums.images < total) {
      await this.heedRequests()
      const { losses, correct, counts, learningRates } = await this.trainSteps(order)
      if (losses.some((loss) => !Number.isFinite(loss))) this.diverged(epoch)
      losses.forEach((loss, i) => {
        const count = counts[i]!
        this.step++
        this.sums.images += count
        this.sums.loss += loss * count
        this.sums.correct += correct[i]!
        this.learningRate = learningRates[i]!
        this.progress.add(this.step, {
          loss,
          accuracy: correct[i]! / count,
          learningRate: this.learningRate,
        })
      })
      this.progress.report(epoch, this.sums.images)
      await this.keepSafe()
    }
    const trainingSeconds = (performance.now() - started - this.paused) / 1000
    const { decoded } = this.feeds.training
    // The next epoch's first images come while this one is validated.
    if (epoch < training.epochs) this.feeds.training.begin(epochOrder(total, training.seed, epoch + 1), 0)
    const validation = await this.validate()
    if (!Number.isFinite(validation.loss)) this.diverged(epoch)
    const metrics: EpochMetrics = {
      epoch,
      loss: this.sums.loss / total,
      accuracy: this.sums.correct / total,
      valLoss: validation.loss,
      valAccuracy: validation.accuracy,
      imagesPerSecond: (total - before) / Math.max(trainingSeconds, 1e-3),
      seconds: (performance.now() - started - this.paused) / 1000,
      learningRate: this.learningRate,
      steps: this.step,
      dataWait: this.waited / Math.max(trainingSeconds, 1e-3),
      ...(decoded > 0 ? { cacheHits: 1 - decoded / (total - before) } : {}),
    }
    await this.finishEpoch(metrics)
  }

  /** Hands the next few steps of an epoch to the executor. */
  private async trainSteps(order: Uint32Array): Promise<{
    losses: Float32Array
    correct: Uint32Array
    counts: Uint32Array
    /** As numbers, not rounded to what the executor takes. */
    learningRates: number[]
  }> {
    const first = this.sums.images
    const feed = this.feeds.training
    const batchSize = this.batchSizeOf(this.epoch + 1)
    const batches = takeBatches(order, first, batchSize, this.stepsFrom(feed, this.pacer))
    const { counts } = batches
    const stepsOfEpoch = Math.ceil(order.length / batchSize)
    const learningRates = Array.from(counts, (_, i) =>
      rateAt(this.rates, this.epoch + (first / batchSize + i) / stepsOfEpoch, this.plateau?.scale),
    )
    const asked = performance.now()
    const indices = await feed.take(batches.indices)
    const started = performance.now()
    this.waited += (started - asked) / 1000
    const { losses, correct } = await this.executor!.run({
      mode: 'train',
      set: 'training',
      indices,
      counts,
      learningRates: Float32Array.from(learningRates),
      firstStep: this.step,
      probabilities: false,
      drawn: { epoch: this.epoch + 1, images: batches.indices },
    })
    this.pacer.record(counts.length, (performance.now() - started) / 1000)
    return { losses, correct, counts, learningRates }
  }

  /** Plain cross-entropy and accuracy over all validation images, in inference mode. */
  private async validate(): Promise<{ loss: number; accuracy: number }> {
    const { count } = this.command.validationImages
    const feed = this.feeds.validation
    const pacer = new StepPacer()
    let loss = 0
    let correct = 0
    for (let done = 0; done < count;) {
      await this.heedRequests()
      const batches = takeBatches(
        this.validationOrder,
        done,
        this.plan.batchSize,
        this.stepsFrom(feed, pacer),
      )
      const { counts } = batches
      const indices = await feed.take(batches.indices)
      const started = performance.now()
      const result = await this.executor!.run({
        mode: 'infer',
        set: 'validation',
        indices,
        counts,
        learningRates: new Float32Array(0),
        firstStep: this.step,
        probabilities: false,
      })
      pacer.record(counts.length, (performance.now() - started) / 1000)
      counts.forEach((images, i) => {
        loss += result.losses[i]! * images
        correct += result.correct[i]!
      })
      done += indices.length
    }
    return { loss: loss / count, accuracy: correct / count }
  }

  /** Steps of the next call: no more than the feed can have ready at once. */
  private stepsFrom(feed: ImageFeed, pacer: StepPacer): number {
    return Math.max(1, Math.min(pacer.next, Math.floor(feed.most / this.plan.batchSize)))
  }

  private async finishEpoch(metrics: EpochMetrics): Promise<void> {
    const { schedule, earlyStopping, optimizer } = this.command.training
    this.epoch = metrics.epoch
    this.sums = { images: 0, loss: 0, correct: 0 }
    // While the rate still rises it is not the rate that keeps the loss from falling.
    if (schedule.type === 'plateau' && this.epoch >= (this.rates.warmup?.length ?? 0))
      this.plateau = watchPlateau(this.plateau ?? null, schedule, optimizer.learningRate, metrics.valLoss)
    if (earlyStopping !== null) this.stopping = watchEpochs(this.stopping ?? null, earlyStopping, metrics)
    const state = await this.readState()
    const monitor = earlyStopping?.monitor ?? 'valLoss'
    if (this.best === null || isBetter(monitor, metrics[monitor], this.best[monitor])) {
      const { epoch, valLoss, valAccuracy } = metrics
      this.best = { epoch, valLoss, valAccuracy, weights: state.weights }
      state.best = this.best
    }
    this.makeSafe(state)
    const { runId, validationImages } = this.command
    const blocks = await this.health.look(this.executor!, state.weights, validationImages)
    this.context.emit({ type: 'epoch', runId, metrics: { ...metrics, ...(blocks && { blocks }) }, state })
  }

  /**
   * Within a long epoch: tells of the state every so often, and how the blocks are doing. Reading it takes milliseconds; who hears of it
   * does the writing.
   */
  private async keepSafe(): Promise<void> {
    const { runId, checkpointSeconds, validationImages } = this.command
    if (performance.now() - this.safeSince < 1000 * checkpointSeconds) return
    const state = await this.readState()
    this.progress.reportNow(this.epoch + 1, this.sums.images)
    this.makeSafe(state)
    const blocks = this.health.due
      ? await this.health.look(this.executor!, state.weights, validationImages)
      : null
    this.context.emit({ type: 'checkpoint', runId, state, ...(blocks && { blocks }) })
  }

  private makeSafe(state: TrainerState): void {
    this.safeState = state
    this.safeSince = performance.now()
  }

  private async readState(): Promise<TrainerState> {
    const moments = optimizerMoments(this.command.training.optimizer)
    const tensors = await this.executor!.read([...this.names, ...moments])
    return {
      epoch: this.epoch,
      step: this.step,
      weights: tensors.slice(0, this.names.length),
      moments: tensors.slice(this.names.length),
      best: this.best,
      ...(this.sums.images > 0 ? { withinEpoch: { ...this.sums } } : {}),
      ...(this.plateau ? { plateau: this.plateau } : {}),
      ...(this.stopping ? { stopping: this.stopping } : {}),
    }
  }

  /** Lets messages of this thread in: a stop, or a pause, which is waited for. */
  private async heedRequests(): Promise<void> {
    await setImmediate()
    const over = this.context.pause()
    if (over !== null) await this.waitUntil(over)
    if (this.context.stopRequested()) throw new Stopped()
  }

  private async waitUntil(over: Promise<void>): Promise<void> {
    const { runId } = this.command
    const started = performance.now()
    const state = await this.readState()
    this.progress.reportNow(this.epoch + 1, this.sums.images)
    this.makeSafe(state)
    this.context.emit({ type: 'paused', runId, state })
    await over
    if (!this.context.stopRequested()) this.context.emit({ type: 'resumed', runId })
    this.progress.startEpoch(this.sums.images)
    this.safeSince = performance.now()
    this.paused += performance.now() - started
  }

  private diverged(epoch: number): never {
    throw new InterlockError('RUN_DIVERGED', { epoch, learningRate: this.learningRate })
  }

  private finished(reason: FinishedEvent['reason'], state: TrainerState): FinishedEvent {
    const early = reason === 'completed' && this.epoch < this.command.training.epochs ? this.early() : null
    return { type: 'finished', runId: this.command.runId, reason, state, ...(early ? { early } : {}) }
  }
}
