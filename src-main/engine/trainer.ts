/**
 * Trains a network: epochs, batches, validation, the best epoch, stopping, resuming. Knows executors only through their
 * interface; files, threads and screens not at all.
 */
import { setImmediate } from 'node:timers/promises'
import type { Executor, ExecutorChoice, ExecutorInfo } from '#shared/engine/executor'
import type { Plan } from '#shared/engine/plan'
import type { EngineEvent, EpochMetrics, TrainCommand, TrainerState } from '#shared/engine/protocol'
import { InterlockError, toInterlockError } from '#shared/issues/errors'
import { epochOrder } from './epochOrder'
import { createFeed, type ImageFeed } from './imageFeed'
import { initialiseWeights } from './initialiseWeights'
import { optimizerMoments } from './ops/optimizer/moments'
import { compileNetwork } from './plan/compileNetwork'
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
  /** Seconds that the steps of this epoch have waited for images. */
  private waited = 0
  private executor: Executor | null = null
  /** Where a run would go on after its executor failed: the start, or the end of the last epoch. */
  private safeState: TrainerState
  private epoch: number
  private step: number
  private sums: EpochSums
  private best: TrainerState['best']

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
      batchSize: Math.min(training.batchSize, Math.max(trainingImages.count, validationImages.count)),
      optimizer: training.optimizer,
      seed: training.seed,
    })
    this.names = weightNames(this.plan)
    this.feeds = { training: createFeed(trainingImages), validation: createFeed(validationImages) }
    this.validationOrder = Uint32Array.from({ length: validationImages.count }, (_, i) => i)
    this.progress = new ProgressReporter({
      runId: command.runId,
      total: trainingImages.count,
      emit: (event) => context.emit(event),
    })
    this.safeState = state ?? {
      epoch: 0,
      step: 0,
      weights: initialiseWeights(network, training.seed),
      moments: [],
      best: null,
    }
    this.epoch = this.safeState.epoch
    this.step = this.safeState.step
    this.sums = { images: 0, loss: 0, correct: 0 }
    this.best = this.safeState.best
  }

  /**
   * Trains to the last epoch or until asked to stop, then lets the executor go. Emits `started`, `progress` and `epoch`; answers
   * how the run ended, and throws what made it fail.
   */
  async run(): Promise<FinishedEvent> {
    const { executor: choice, threads } = this.command
    try {
      try {
        await this.start(await this.context.createExecutor(choice, threads))
        await this.trainToEnd()
      } catch (thrown) {
        const reason = this.reasonToGoOnOnCpu(thrown)
        if (reason === null) throw thrown
        await this.executor?.dispose().catch(() => undefined)
        const cpu = await this.context.createExecutor('cpu', threads)
        cpu.info.reason = reason
        await this.start(cpu)
        await this.trainToEnd()
      }
      return this.finished('completed', await this.readState())
    } catch (thrown) {
      if (!(thrown instanceof Stopped)) throw thrown
      return this.finished('stopped', await this.readState().catch(() => this.safeState))
    } finally {
      await this.executor?.dispose().catch(() => undefined)
      this.executor = null
    }
  }

  /** Why the CPU takes over from a failed executor, or null where it must not: the failure is not the executor's. */
  private reasonToGoOnOnCpu(thrown: unknown): string | null {
    if (thrown instanceof Stopped || this.command.executor !== 'auto') return null
    if (this.executor?.info.kind !== 'webgpu') return null
    const { code, message } = toInterlockError(thrown)
    if (code === 'RUN_DIVERGED') return null
    return `${this.executor.info.name} failed (${message}) The CPU goes on from the end of epoch ${this.safeState.epoch}.`
  }

  private async start(executor: Executor): Promise<void> {
    const { runId, trainingImages, normalisation } = this.command
    const state = this.safeState
    this.executor = executor
    await executor.prepare(this.plan)
    await executor.setNormalisation(normalisation)
    await this.feeds.training.load(executor, 'training')
    await this.feeds.validation.load(executor, 'validation')
    await executor.write([...state.weights, ...state.moments])
    this.epoch = state.epoch
    this.step = state.step
    this.sums = state.withinEpoch ?? { images: 0, loss: 0, correct: 0 }
    this.best = state.best
    const info: ExecutorInfo = { ...executor.info }
    this.context.emit({
      type: 'started',
      runId,
      executor: info,
      stepsPerEpoch: Math.ceil(trainingImages.count / this.plan.batchSize),
      bytes: planBytes(this.plan, this.plan.batchSize),
    })
  }

  private async trainToEnd(): Promise<void> {
    while (this.epoch < this.command.training.epochs) await this.trainEpoch()
  }

  private async trainEpoch(): Promise<void> {
    const { training, trainingImages } = this.command
    const epoch = this.epoch + 1
    const total = trainingImages.count
    const order = epochOrder(total, training.seed, epoch)
    this.feeds.training.begin(order, this.sums.images)
    this.feeds.validation.begin(this.validationOrder, 0)
    this.waited = 0
    this.progress.startEpoch(this.sums.images)
    const started = performance.now()
    const before = this.sums.images
    while (this.sums.images < total) {
      await this.leaveIfStopped()
      const { losses, correct, counts } = await this.trainSteps(order)
      if (losses.some((loss) => !Number.isFinite(loss))) this.diverged(epoch)
      losses.forEach((loss, i) => {
        const count = counts[i]!
        this.step++
        this.sums.images += count
        this.sums.loss += loss * count
        this.sums.correct += correct[i]!
        this.progress.add(this.step, loss, correct[i]! / count)
      })
      this.progress.report(epoch, this.sums.images)
    }
    const trainingSeconds = (performance.now() - started) / 1000
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
      seconds: (performance.now() - started) / 1000,
      dataWait: this.waited / Math.max(trainingSeconds, 1e-3),
      ...(decoded > 0 ? { cacheHits: 1 - decoded / (total - before) } : {}),
    }
    await this.finishEpoch(metrics)
  }

  /** Hands the next few steps of an epoch to the executor. */
  private async trainSteps(
    order: Uint32Array,
  ): Promise<{ losses: Float32Array; correct: Uint32Array; counts: Uint32Array }> {
    const first = this.sums.images
    const feed = this.feeds.training
    const batches = takeBatches(order, first, this.plan.batchSize, this.stepsFrom(feed, this.pacer))
    const { counts } = batches
    const asked = performance.now()
    const indices = await feed.take(batches.indices)
    const started = performance.now()
    this.waited += (started - asked) / 1000
    const { losses, correct } = await this.executor!.run({
      mode: 'train',
      set: 'training',
      indices,
      counts,
      learningRates: new Float32Array(counts.length).fill(this.command.training.optimizer.learningRate),
      firstStep: this.step,
      probabilities: false,
    })
    this.pacer.record(counts.length, (performance.now() - started) / 1000)
    return { losses, correct, counts }
  }

  /** Loss and accuracy over all validation images, in inference mode. */
  private async validate(): Promise<{ loss: number; accuracy: number }> {
    const { count } = this.command.validationImages
    const feed = this.feeds.validation
    const pacer = new StepPacer()
    let loss = 0
    let correct = 0
    for (let done = 0; done < count;) {
      await this.leaveIfStopped()
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
    this.epoch = metrics.epoch
    this.sums = { images: 0, loss: 0, correct: 0 }
    const state = await this.readState()
    if (this.best === null || metrics.valLoss < this.best.valLoss) {
      const { epoch, valLoss, valAccuracy } = metrics
      this.best = { epoch, valLoss, valAccuracy, weights: state.weights }
      state.best = this.best
    }
    this.safeState = state
    this.context.emit({ type: 'epoch', runId: this.command.runId, metrics, state })
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
    }
  }

  /** Lets messages of this thread in, a stop among them. */
  private async leaveIfStopped(): Promise<void> {
    await setImmediate()
    if (this.context.stopRequested()) throw new Stopped()
  }

  private diverged(epoch: number): never {
    const { learningRate } = this.command.training.optimizer
    throw new InterlockError('RUN_DIVERGED', { epoch, learningRate })
  }

  private finished(reason: FinishedEvent['reason'], state: TrainerState): FinishedEvent {
    return { type: 'finished', runId: this.command.runId, reason, state }
  }
}
