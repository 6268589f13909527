import { randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { ExecutorChoice } from '#shared/engine/executor'
import type { Forecast, ProbeResult } from '#shared/engine/protocol'
import { InterlockError, toInterlockError } from '#shared/issues/errors'
import type { ProjectFile } from '#shared/project/schema'
import type {
  CompareSplits,
  ContinueTraining,
  ForecastRequest,
  RateEvent,
  RateSearchRequest,
  RepeatRun,
  RunSummary,
  StartTraining,
  TrainingService,
} from '#shared/rpc/services'
import { requireKnownClasses } from '#shared/training/classWeights'
import type { RateSearch } from '#shared/training/rateSearch'
import { withSeed, type RunSeries } from '#shared/training/repeatSeeds'
import { isActive, type CarriedFrom, type RunEvent, type RunState } from '#shared/training/runState'
import { withSplit, type ComparedSplit, type SplitPair } from '#shared/training/splitGap'
import { readCheckpoint, type Checkpoint } from '../storage/checkpointFile'
import type { ImageStore } from '../storage/gatherImages'
import { checkpointFileName, readRun, removeRun } from '../storage/runFolder'
import { readLabel, writeLabel, type RunLabel } from '../storage/runLabel'
import type { EngineClient } from './engineClient'
import { openSource, requireTwoClasses, sourceFolder, type OpenOptions } from './imageSource'
import { carriedAgain, carriedState, type CarriedState } from './carriedState'
import { checkProjectFits } from './checkProjectFits'
import { searchRate } from './rateSearch'
import { checkResumable } from './checkResumable'
import { TrainingRun } from './trainingRun'

/** A training as the command line and the window's service ask for it. */
export interface RunRequest {
  project: ProjectFile
  /** The data source belongs to this file's folder; null takes the working folder. */
  projectFile: string | null
  executor: ExecutorChoice
  threads: number | null
  /** Where everything is written; null makes a new folder among the user's runs. */
  folder: string | null
  /** Go on from the checkpoint in `folder`; its network, classes and optimiser must be the same. */
  resume: boolean
  /** Folder of a run whose weights are taken over wherever they fit. */
  weightsFrom?: string | null
  /** A run that began with weights of another, whose start this one repeats: its folder, and what it took over. */
  startOf?: { folder: string; from: CarriedFrom } | null
  /** The series that it belongs to. */
  series?: RunSeries | null
  /** The comparison of splits that it belongs to. */
  pair?: SplitPair | null
  /** Walks the data's folder, where its walk may be known already. */
  scan?: OpenOptions['scan']
}

/** What the service keeps besides the engine: where runs live, the version it writes into models, what decodes images. */
export interface TrainingOptions {
  runsFolder: string
  version: string
  images: ImageStore
  /** The state within an epoch is saved this often (default: {@link checkpointSeconds}). */
  checkpointSeconds?: number
}

type Start = () => Promise<TrainingRun>

/** What a run may lose when the machine goes down; the time that saving takes comes on top. */
export const checkpointSeconds = 30

/**
 * Trains, one run at a time, and keeps every run: its history, checkpoint and models in a folder of its own. The same for the
 * window and the command line. A run goes on when the window that started it is closed.
 */
export class TrainingRuns implements TrainingService {
  private active: TrainingRun | null = null
  /** The start being checked, so that two at once cannot both pass. */
  private starting: Promise<TrainingRun> | null = null
  private disposed = false
  private search: { searchId: string; abort: AbortController } | null = null
  private readonly rateListeners = new Set<(event: RateEvent) => void>()
  private readonly listeners = new Set<(event: RunEvent) => void>()
  /** Runs of this process by id, with their folders: those given an own folder are not among the user's runs. */
  private readonly folders = new Map<string, string>()
  /** Of the same, where they have a label: known at once, so that an answer about a run under way is as new as its events. */
  private readonly labels = new Map<string, RunLabel>()

  constructor(
    private readonly engine: EngineClient,
    private readonly options: TrainingOptions,
  ) {}

  /** Calls `listener` with every event of every run, until the answered function is called. */
  onRunEvent(listener: (event: RunEvent) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  async start(request: StartTraining): Promise<string> {
    const { weightsFrom, ...rest } = request
    const run = await this.startRun({
      ...rest,
      folder: null,
      resume: false,
      weightsFrom: weightsFrom ? this.folderOf(weightsFrom) : null,
    })
    return run.runId
  }

  /**
   * Checks everything that can be checked without decoding, makes the run's folder and starts. `finished` of the answer
   * resolves when the run has ended, however it ended. Throws as `TrainingService.start`, and RUN_NOT_RESUMABLE, FILE_UNWRITABLE.
   */
  async startRun(request: RunRequest): Promise<TrainingRun> {
    if (this.starting !== null || this.active !== null) {
      throw new InterlockError('RUN_ALREADY_ACTIVE', {
        run: this.active?.state.project.name ?? request.project.name,
      })
    }
    if (this.disposed) throw new InterlockError('ENGINE_STOPPED', { problem: 'Interlock is being closed' })
    this.search?.abort.abort()
    this.starting = this.prepare(request)
    try {
      const run = await this.starting
      this.active = run
      this.folders.set(run.runId, run.folder)
      void run.finished.then(() => {
        if (this.active === run) this.active = null
      })
      if (this.disposed) run.stop()
      return run
    } finally {
      this.starting = null
    }
  }

  private async prepare(request: RunRequest): Promise<TrainingRun> {
    const checkpoint = await checkpointOf(request)
    const { project } = request
    const base = sourceFolder(request.projectFile)
    const source = await openSource(project.data.source, base, {
      data: project.data,
      ...(request.scan ? { scan: request.scan } : {}),
    })
    requireTwoClasses(source)
    const fitting = await checkProjectFits(project, source, this.options.images.pool)
    const runId = checkpoint?.runId ?? newRunId()
    const folder = request.folder === null ? join(this.options.runsFolder, runId) : resolve(request.folder)
    const classes = source.classes.map(({ name }) => name)
    requireKnownClasses(project.training.classWeights, classes)
    if (checkpoint !== null) checkResumable(checkpoint, project, classes, folder)
    const there = await readRun(folder)
    const label = await readLabel(folder, runId)
    if (label !== null) this.labels.set(runId, label)
    // Another process trains in this very folder.
    if (there !== null && isActive(there)) {
      throw new InterlockError('RUN_ALREADY_ACTIVE', { run: `${there.project.name} in ${folder}` })
    }
    const earlier = checkpoint === null ? null : there
    const start = await this.startOf(request)
    const run = new TrainingRun({
      runId,
      folder,
      project,
      projectFile: request.projectFile,
      source,
      ...fitting,
      executor: request.executor,
      threads: request.threads,
      checkpoint,
      start,
      series: request.series ?? null,
      pair: request.pair ?? null,
      earlier,
      version: this.options.version,
      images: this.options.images,
      checkpointSeconds: this.options.checkpointSeconds ?? checkpointSeconds,
      engine: this.engine,
      emit: (event) => this.emit(event),
    })
    await run.begin()
    return run
  }

  /** The weights that a run begins with, where it does not draw them itself. */
  private async startOf({ project, weightsFrom, startOf }: RunRequest): Promise<CarriedState | null> {
    if (startOf) return carriedAgain(this.engine, project, startOf.folder, startOf.from)
    return weightsFrom ? carriedState(this.engine, project, weightsFrom) : null
  }

  /** A run goes on with its network and data as they were; what `request` names may differ. */
  async continueRun({ runId, executor, threads, ...changes }: ContinueTraining): Promise<void> {
    const folder = this.folderOf(runId)
    const earlier = await readRun(folder)
    if (earlier === null) throw new InterlockError('RUN_NOT_FOUND', { run: runId })
    const { project } = earlier
    const { epochs, batchSize, learningRate } = changes
    const optimizer = { ...project.training.optimizer, learningRate }
    await this.startRun({
      project: { ...project, training: { ...project.training, epochs, batchSize, optimizer } },
      projectFile: earlier.projectFile ?? null,
      executor,
      threads,
      folder,
      resume: true,
    })
  }

  async pause(runId: string): Promise<void> {
    if (this.active?.runId === runId) this.active.pause()
    else await this.run(runId)
  }

  async resume(runId: string): Promise<void> {
    if (this.active?.runId === runId) this.active.resume()
    else await this.run(runId)
  }

  async stop(runId: string): Promise<void> {
    if (this.active?.runId === runId) this.active.stop()
    else await this.run(runId)
    return Promise.resolve()
  }

  async runs(): Promise<RunSummary[]> {
    // Taken before reading: a run that ends meanwhile is as good as its file, one that is read while it goes on is not.
    const before = this.active
    const names = await readdir(this.options.runsFolder).catch(() => [] as string[])
    const stored = await Promise.all(
      names.map(async (name) => {
        const folder = join(this.options.runsFolder, name)
        const state = await readRun(folder)
        return state && summary(state, await readLabel(folder, state.runId))
      }),
    )
    const own = [...new Set([before, this.active])].filter((run) => run !== null)
    const found = stored.filter((run) => run !== null && own.every(({ runId }) => runId !== run.runId))
    found.push(...own.map((run) => this.ownSummary(run)))
    return found
      .filter((run) => run !== null)
      .sort((a, b) => (a.state.startedAt < b.state.startedAt ? 1 : -1))
  }

  async run(runId: string): Promise<RunSummary> {
    if (this.active?.runId === runId) return this.ownSummary(this.active)
    const folder = this.folderOf(runId)
    const state = await readRun(folder)
    if (state === null) throw new InterlockError('RUN_NOT_FOUND', { run: runId })
    return summary(state, await readLabel(folder, runId))
  }

  private ownSummary({ runId, state }: TrainingRun): RunSummary {
    return summary(state, this.labels.get(runId) ?? null)
  }

  /**
   * Each run begins when the one before has completed; one that ends otherwise, as by `stop`, is the last. Why the next one cannot
   * start is told of the one before (`seriesBroken`).
   */
  async repeat({ runId, count, executor, threads }: RepeatRun): Promise<void> {
    const { state } = await this.run(runId)
    const id = newRunId()
    const start = (index: number) =>
      this.startRun({
        project: withSeed(state.project, index),
        projectFile: state.projectFile ?? null,
        executor,
        threads,
        folder: null,
        resume: false,
        startOf: state.carriedFrom ? { folder: this.folderOf(runId), from: state.carriedFrom } : null,
        series: { id, index, count },
      })
    await this.inTurn([() => start(1), ...Array.from({ length: count - 1 }, (_, i) => () => start(i + 2))])
  }

  /** By chance first, then by blocks; what the second needs of the images is looked at before either begins. */
  async compareSplits({ epochs, ...request }: CompareSplits): Promise<void> {
    const project = { ...request.project, training: { ...request.project.training, epochs } }
    const { data } = withSplit(project, 'blocks')
    await openSource(data.source, sourceFolder(request.projectFile), { data })
    const id = newRunId()
    const start = (by: ComparedSplit) =>
      this.startRun({
        ...request,
        project: withSplit(project, by),
        folder: null,
        resume: false,
        pair: { id, by },
      })
    await this.inTurn([() => start('seed'), () => start('blocks')])
  }

  /** Answers when the first run has begun. Each begins when the one before has completed; one that ends otherwise is the last. */
  private async inTurn([first, ...rest]: readonly [Start, ...Start[]]): Promise<void> {
    const goOn = async (run: TrainingRun): Promise<void> => {
      for (const start of rest) {
        const { phase } = await run.finished
        if (phase.kind !== 'completed' || this.disposed) return
        try {
          run = await start()
        } catch (thrown) {
          return run.breakSeries(toInterlockError(thrown).toData())
        }
      }
    }
    void goOn(await first())
  }

  async label(runId: string, name: string, note: string): Promise<void> {
    const { state } = await this.run(runId)
    const label = { name: name.trim() === '' ? state.project.name : name.trim(), note: note.trim() }
    await writeLabel(this.folderOf(runId), runId, label)
    this.labels.set(runId, label)
  }

  async deleteRun(runId: string): Promise<void> {
    await this.starting?.catch(() => undefined)
    const { name, state } = await this.run(runId)
    if (isActive(state)) throw new InterlockError('RUN_UNDER_WAY', { run: name })
    const folder = resolve(this.folderOf(runId))
    // A run that was given an own folder is not among the user's runs: its folder may hold anything.
    if (dirname(folder) !== resolve(this.options.runsFolder))
      throw new InterlockError('RUN_NOT_FOUND', { run: runId })
    await removeRun(folder)
    this.folders.delete(runId)
    this.labels.delete(runId)
  }

  /** Where a run's files are. The id comes from a window, so it must not lead out of the runs folder. */
  folderOf(runId: string): string {
    if (!/^[\w-]+$/.test(runId)) throw new InterlockError('RUN_NOT_FOUND', { run: runId })
    return this.folders.get(runId) ?? join(this.options.runsFolder, runId)
  }

  executors(): Promise<ProbeResult> {
    return this.engine.probe()
  }

  /** One at a time; a run that starts calls it off. */
  async searchRate({ searchId, ...request }: RateSearchRequest): Promise<RateSearch | null> {
    const run = this.active?.state.project.name
    if (run !== undefined || this.starting !== null)
      throw new InterlockError('RUN_ALREADY_ACTIVE', { run: run ?? request.project.name })
    this.search?.abort.abort()
    const abort = new AbortController()
    const search = { searchId, abort }
    this.search = search
    const tell = (event: RateEvent): void => {
      if (!abort.signal.aborted) for (const listener of this.rateListeners) listener(event)
    }
    try {
      return await searchRate({
        ...request,
        engine: this.engine,
        images: this.options.images,
        signal: abort.signal,
        onReading: (done, total) => tell({ type: 'reading', searchId, done, total }),
        onTried: (curve) => tell({ type: 'tried', searchId, curve }),
      })
    } finally {
      if (this.search === search) this.search = null
    }
  }

  stopSearch(searchId: string): Promise<void> {
    if (this.search?.searchId === searchId) this.search.abort.abort()
    return Promise.resolve()
  }

  /** As {@link onRunEvent}. */
  onRateEvent(listener: (event: RateEvent) => void): () => void {
    this.rateListeners.add(listener)
    return () => this.rateListeners.delete(listener)
  }

  async forecast({ project, ...request }: ForecastRequest): Promise<Forecast | null> {
    const { graph, training } = project
    const run = this.active?.state.project.name
    // The steps of a run would disturb the measurement, and it the run.
    if (request.probe && run !== undefined) throw new InterlockError('RUN_ALREADY_ACTIVE', { run })
    return this.engine.forecast({ graph, training, ...request })
  }

  /** Stops the active run, with everything saved; one that is about to start is waited for and stopped too. */
  async dispose(): Promise<void> {
    this.disposed = true
    this.search?.abort.abort()
    await this.starting?.catch(() => undefined)
    this.active?.stop()
    await this.active?.finished
  }

  private emit(event: RunEvent): void {
    for (const listener of this.listeners) {
      try {
        listener(event)
      } catch (thrown) {
        // A window that went away in the middle of a message must not end the run.
        console.error(toInterlockError(thrown).message)
      }
    }
  }
}

function summary(state: RunState, label: RunLabel | null): RunSummary {
  return { runId: state.runId, name: label?.name ?? state.project.name, note: label?.note ?? '', state }
}

/** Sorts by time and is unique: `20261123-164530-1f3a`. */
function newRunId(): string {
  const time = new Date().toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15)
  return `${time}-${randomBytes(2).toString('hex')}`
}

/** The checkpoint to go on from, or null for a fresh start. */
async function checkpointOf(request: RunRequest): Promise<Checkpoint | null> {
  if (!request.resume) return null
  const folder = resolve(request.folder ?? '.')
  return readCheckpoint(join(folder, checkpointFileName), folder)
}
