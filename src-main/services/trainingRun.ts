import { join } from 'node:path'
import type { ExecutorChoice } from '#shared/engine/executor'
import type { TrainerState } from '#shared/engine/protocol'
import type { Normalisation } from '#shared/engine/tensors'
import { toInterlockError, type InterlockErrorData } from '#shared/issues/errors'
import type { ProjectFile } from '#shared/project/schema'
import type { RunSeries } from '#shared/training/repeatSeeds'
import type { SplitPair } from '#shared/training/splitGap'
import { largestBatchSize } from '#shared/training/batchSizes'
import { classWeightsOf } from '#shared/training/classWeights'
import {
  createRun,
  cutCurve,
  isActive,
  reduceRun,
  type RunEvent,
  type RunState,
} from '#shared/training/runState'
import { writeCheckpoint, type Checkpoint } from '../storage/checkpointFile'
import {
  checkpointFileName,
  clearRunFolder,
  readRun,
  startFileName,
  touchEveryMs,
  touchHistory,
  writeCurve,
  writeHistory,
} from '../storage/runFolder'
import type { ImageTarget } from '../storage/fitPixels'
import type { ImageStore } from '../storage/gatherImages'
import { lastModelFileName, modelFileName, writeModelFile } from '../storage/modelFile'
import type { CarriedState } from './carriedState'
import type { FittingProject } from './checkProjectFits'
import type { EngineClient, TrainEvent } from './engineClient'
import type { ImageSource } from './imageSource'
import { loadTrainingImages, type TrainingImages } from './loadImages'
import { modelParts } from './modelParts'

export interface TrainingRunOptions extends FittingProject {
  runId: string
  folder: string
  project: ProjectFile
  projectFile: string | null
  source: ImageSource
  executor: ExecutorChoice
  threads: number | null
  /** Go on from here. */
  checkpoint: Checkpoint | null
  /** Start with these weights instead of fresh ones. */
  start: CarriedState | null
  /** The series that it belongs to. */
  series: RunSeries | null
  /** The comparison of splits that it belongs to. */
  pair: SplitPair | null
  /** What was kept of the run when it is resumed. */
  earlier: RunState | null
  version: string
  images: ImageStore
  checkpointSeconds: number
  engine: EngineClient
  emit(event: RunEvent): void
}

type RunEnd = Pick<Extract<RunEvent, { type: 'finished' }>, 'reason' | 'early'>

/** Messages about preparing are sent at most this often, in milliseconds. */
const tellEvery = 100

/** One training from its images to its files. Its state is what `reduceRun` makes of its events, here as in the window. */
export class TrainingRun {
  readonly runId: string
  readonly folder: string
  state: RunState
  /** Resolves when the run has ended and everything is on disk. Never rejects: the outcome is in `state.phase`. */
  readonly finished: Promise<RunState>
  private end!: (state: RunState) => void
  private readonly created: Extract<RunEvent, { type: 'created' }>
  private readonly abort = new AbortController()
  private normalisation: Normalisation | null = null
  private latest: TrainerState | null
  private lastTold = 0
  private touching: NodeJS.Timeout | undefined
  /** The saving under way; the next one starts when it is done, with the newest state only. */
  private saving: Promise<void> | null = null
  private unsaved = false
  /** Epoch of the best model in the folder; 0 also when a run is resumed, since the folder may be ahead of the checkpoint. */
  private savedBest = 0
  private saveProblem: unknown = null

  constructor(private readonly options: TrainingRunOptions) {
    const { runId, folder, project, checkpoint, start } = options
    const projectFile = options.projectFile ?? options.earlier?.projectFile
    this.runId = runId
    this.folder = folder
    this.latest = checkpoint?.state ?? null
    const { earlier } = options
    const carriedFrom = start?.carriedFrom ?? earlier?.carriedFrom
    const series = options.series ?? earlier?.series
    const pair = options.pair ?? earlier?.pair
    this.created = {
      type: 'created',
      runId,
      project,
      ...(projectFile ? { projectFile } : {}),
      startedAt: earlier?.startedAt ?? new Date().toISOString(),
      ...(carriedFrom ? { carriedFrom } : {}),
      ...(checkpoint && earlier ? { before: learntBefore(checkpoint, earlier) } : {}),
      ...(series ? { series } : {}),
      ...(pair ? { pair } : {}),
    }
    this.state = createRun(this.created)
    this.finished = new Promise((resolve) => (this.end = resolve))
  }

  /** Those of the images that are trained on, as they were listed. */
  get sourceClasses(): string[] {
    return this.options.source.classes.map(({ name }) => name)
  }

  /** As the images were when the run began: what its normalisation was measured with. */
  private get target(): ImageTarget {
    const { target, checkpoint } = this.options
    return checkpoint === null ? target : { ...target, numbers: checkpoint.numbers }
  }

  /** Makes the folder, announces the run and lets it go on by itself. Throws FILE_UNWRITABLE before anything is announced. */
  async begin(): Promise<void> {
    const { runId } = this.options
    await writeHistory(this.folder, this.state)
    this.touching = setInterval(() => void touchHistory(this.folder), touchEveryMs)
    this.options.emit(this.created)
    void this.train().then(
      (end) => this.finish({ type: 'finished', runId, ...end }),
      (thrown: unknown) => this.finish({ type: 'failed', runId, error: toInterlockError(thrown).toData() }),
    )
  }

  /** Ends the run after the step it is in; what it learnt is kept. */
  stop(): void {
    if (!isActive(this.state) || this.state.phase.kind === 'stopping') return
    this.tell({ type: 'stopping', runId: this.runId })
    this.abort.abort(new Error('stopped'))
    this.options.engine.stop(this.runId)
  }

  /** Lets the run wait after the step it is in; its state is saved then. Only while it trains. */
  pause(): void {
    if (this.state.phase.kind !== 'training') return
    this.tell({ type: 'pausing', runId: this.runId })
    this.options.engine.pause(this.runId)
  }

  resume(): void {
    const { kind } = this.state.phase
    if (kind !== 'pausing' && kind !== 'paused') return
    this.tell({ type: 'resumed', runId: this.runId })
    this.options.engine.resume(this.runId)
  }

  /** Tells, once the run has ended, why the next one of its series did not begin; kept with it where that can be written. */
  async breakSeries(error: InterlockErrorData): Promise<void> {
    const event = { type: 'seriesBroken', runId: this.runId, error } as const
    this.state = reduceRun(this.state, event)
    // One that was deleted meanwhile stays so.
    if ((await readRun(this.folder)) !== null)
      await writeHistory(this.folder, this.state).catch(() => undefined)
    this.options.emit(event)
  }

  private async train(): Promise<RunEnd> {
    const { runId, project, source, checkpoint, start } = this.options
    const { signal } = this.abort
    let images: TrainingImages | null = null
    try {
      this.tell({ type: 'preparing', runId, message: 'Reading images', done: 0, total: 0 })
      images = await loadTrainingImages(
        source,
        this.target,
        project.data,
        largestBatchSize(project.training),
        {
          images: this.options.images,
          signal,
          onProgress: (done, total) => this.tellReading(done, total),
          onSkipped: ({ file, reason }) => this.tell({ type: 'skipped', runId, file, reason }),
        },
      )
      signal.throwIfAborted()
      if (checkpoint === null) await clearRunFolder(this.folder)
      if (start !== null) await this.keepStart(start, images)
      // From here to the engine nothing is awaited: a stop reaches either this or the engine.
      signal.throwIfAborted()
    } catch (thrown) {
      await images?.close()
      if (signal.aborted) return { reason: 'stopped' }
      throw thrown
    }
    try {
      return await this.trainOn(images)
    } finally {
      await images.close()
    }
  }

  /** The weights that a run begins with, where it did not draw them itself: the run they are from may go on or be deleted. */
  private async keepStart(
    { state }: CarriedState,
    { classes, normalisation }: TrainingImages,
  ): Promise<void> {
    const { runId, target } = this
    const { project } = this.options
    const numbers = target.numbers ?? 'uint8'
    const start = { runId, project, classes, numbers, normalisation, state }
    await writeCheckpoint(join(this.folder, startFileName), start)
  }

  private async trainOn(images: TrainingImages): Promise<RunEnd> {
    const { runId, project, executor, threads, checkpoint, start, checkpointSeconds, engine } = this.options
    this.state = { ...this.state, classes: images.classes }
    this.tellOrigin(images)
    this.normalisation = checkpoint?.normalisation ?? images.normalisation
    const counts = { training: images.training.count, validation: images.validation.count }
    const before = this.options.earlier?.phase
    const wasEarly = before?.kind === 'completed' && before.early !== undefined
    const finished = await engine.train(
      {
        type: 'train',
        runId,
        graph: project.graph,
        training: project.training,
        executor,
        threads,
        trainingImages: images.training,
        validationImages: images.validation,
        normalisation: this.normalisation,
        classWeights: classWeightsOf(project.training.classWeights, images.classes, images.counts),
        state:
          checkpoint === null
            ? (start?.state ?? null)
            : resumable(checkpoint, project, counts.training, wasEarly),
        checkpointSeconds,
        interruption: null,
      },
      (event) => {
        this.receive(event, images, counts)
        if (event.type === 'epoch') this.tellOrigin(images)
      },
    )
    this.latest = finished.state
    await this.flush()
    const { reason, early } = finished
    return { reason, ...(early ? { early } : {}) }
  }

  private receive(
    event: TrainEvent,
    { classes, split }: TrainingImages,
    images: { training: number; validation: number },
  ): void {
    const { runId } = this
    switch (event.type) {
      case 'started': {
        const { executor, bytes, from } = event
        this.tell({ type: 'started', runId, executor, bytes, classes, images, split, from })
        return
      }
      case 'checkpoint': {
        this.latest = event.state
        const { state, blocks } = event
        if (blocks) this.tell({ type: 'blocks', runId, epoch: state.epoch + 1, blocks })
        this.save()
        return
      }
      case 'paused':
        this.latest = event.state
        this.tell({ type: 'paused', runId })
        this.save()
        return
      case 'resumed':
        this.tell({ type: 'resumed', runId })
        return
      case 'progress': {
        const { epoch, done, total, imagesPerSecond, learningRate, steps, losses, accuracies } = event
        const curve = { steps, losses, accuracies }
        this.tell({ type: 'progress', runId, epoch, done, total, imagesPerSecond, learningRate, curve })
        return
      }
      case 'epoch': {
        this.latest = event.state
        const { epoch, valLoss, valAccuracy } = event.state.best ?? event.metrics
        this.tell({ type: 'epoch', runId, metrics: event.metrics, best: { epoch, valLoss, valAccuracy } })
        this.save()
      }
    }
  }

  /** Saves the newest state, one saving at a time; epochs shorter than a saving share one. */
  private save(): void {
    this.unsaved = true
    this.saving ??= this.saveAll()
      .catch((thrown: unknown) => {
        this.saveProblem ??= thrown
        this.options.engine.stop(this.runId)
      })
      .finally(() => (this.saving = null))
  }

  private async saveAll(): Promise<void> {
    while (this.unsaved) {
      this.unsaved = false
      const { latest, normalisation, state } = this
      if (latest === null || normalisation === null) return
      const { project, source: dataSource, fit, bandNames, version } = this.options
      const { target } = this
      const about = { project, dataSource, fit, target, bandNames, state, normalisation, version }
      // The checkpoint last: what a run is resumed from never knows more than the files beside it.
      await writeCurve(this.folder, state.curve)
      await writeHistory(this.folder, state)
      const { best } = latest
      await writeModelFile(
        this.folder,
        lastModelFileName,
        // Within an epoch, the weights are of that one, whose values are not known.
        modelParts({ ...about, epoch: latest.epoch + (latest.withinEpoch === undefined ? 0 : 1) }),
        latest.weights,
      )
      if (best === null || best.epoch !== this.savedBest) {
        const epoch = best?.epoch ?? latest.epoch
        await writeModelFile(
          this.folder,
          modelFileName,
          modelParts({ ...about, epoch }),
          best?.weights ?? latest.weights,
        )
        this.savedBest = epoch
      }
      await writeCheckpoint(join(this.folder, checkpointFileName), {
        runId: this.runId,
        project,
        classes: state.classes,
        numbers: target.numbers ?? 'uint8',
        normalisation,
        state: latest,
      })
    }
  }

  /** Waits until the newest state is on disk. Throws what went wrong while saving. */
  private async flush(): Promise<void> {
    await this.saving
    if (this.saveProblem === null && this.latest !== null) {
      this.save()
      await this.saving
    }
    if (this.saveProblem !== null) throw this.saveProblem as Error
  }

  private async finish(event: Extract<RunEvent, { type: 'finished' | 'failed' }>): Promise<void> {
    await this.saving
    clearInterval(this.touching)
    this.state = reduceRun(this.state, event)
    try {
      await writeHistory(this.folder, this.state)
    } catch (thrown) {
      // Nothing can be written there any more: say that rather than claim success.
      const error = toInterlockError(thrown).toData()
      if (event.type === 'finished') event = { type: 'failed', runId: this.runId, error }
      this.state = reduceRun(this.state, event)
    }
    this.options.emit(event)
    this.end(this.state)
  }

  /** Where the images came from, when that is new. */
  private tellOrigin({ report, streamed }: TrainingImages): void {
    const { origin } = this.state
    if (report === null) return
    const now = { ...report, streamed }
    const same = origin?.decoded === now.decoded && origin.damaged === now.damaged
    if (!same) this.tell({ type: 'images', runId: this.runId, origin: now })
  }

  private tellReading(done: number, total: number): void {
    const now = Date.now()
    if (now - this.lastTold < tellEvery && done < total) return
    this.lastTold = now
    this.tell({ type: 'preparing', runId: this.runId, message: 'Reading images', done, total })
  }

  private tell(event: RunEvent): void {
    // Images under way when reading was ended still report; the run must not rise from the dead.
    if (!isActive(this.state)) return
    if (this.state.phase.kind === 'stopping' && event.type === 'preparing') return
    this.state = reduceRun(this.state, event)
    this.options.emit(event)
  }
}

/** What was learnt up to the checkpoint; steps after it will be made again. */
function learntBefore(
  { state: { epoch, step, best } }: Checkpoint,
  earlier: RunState,
): Pick<RunState, 'curve' | 'epochs' | 'best'> {
  return {
    epochs: earlier.epochs.filter((metrics) => metrics.epoch <= epoch),
    best: best && { epoch: best.epoch, valLoss: best.valLoss, valAccuracy: best.valAccuracy },
    curve: cutCurve(earlier.curve, step),
  }
}

/**
 * A state to go on from with so many training images; an epoch cannot be half done with more than there are now. Whoever goes on after
 * an early end wants more epochs: the patience begins anew, as it does where something else is watched than before.
 */
function resumable(
  { state, project }: Checkpoint,
  now: ProjectFile,
  images: number,
  wasEarly: boolean,
): TrainerState {
  const { withinEpoch, stopping, ...rest } = state
  const tooFar = withinEpoch !== undefined && withinEpoch.images > images
  const watched = (one: ProjectFile) => one.training.earlyStopping?.monitor
  const kept = stopping !== undefined && watched(project) === watched(now)
  return {
    ...rest,
    ...(withinEpoch && !tooFar ? { withinEpoch } : {}),
    ...(kept ? { stopping: wasEarly ? { ...stopping, badEpochs: 0 } : stopping } : {}),
  }
}
