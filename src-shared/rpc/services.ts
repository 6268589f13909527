/**
 * What the window may ask of the main side: one interface per service, the same in Electron and in the web shell.
 * The main side validates every argument (`src-main/services/validate.ts`) and answers errors as `InterlockErrorData`.
 * Everything here is plain data that survives MessagePack and structured cloning.
 */
import type { DisplaySettings } from '../data/displayBands'
import type { DataSurvey, ImageListing } from '../data/survey'
import type { ExecutorChoice } from '../engine/executor'
import type { SizeCount } from '../data/imageSizes'
import type { BandDoubt } from '../data/sentinel2'
import type { Georeference, ImageFacts, NumberType } from '../data/imageFacts'
import type { Forecast, ProbeResult } from '../engine/protocol'
import type { InterlockErrorData } from '../issues/errors'
import type { ListedNames, Part, SplitBlocks } from '../project/parts'
import type { DataSettings, ProjectFile } from '../project/schema'
import type { RateCurve, RateSearch } from '../training/rateSearch'
import type { AugmentationSettings } from '../training/augmentation'
import type { RunEvent, RunState } from '../training/runState'
import type { EvaluationService } from './evaluationService'
import type { SceneService } from './sceneService'

export interface AppInfo {
  version: string
  shell: 'electron' | 'browser'
  platform: string
  /** Node, Electron (or null) and Chromium-independent facts for the about box. */
  node: string
  electron: string | null
  homeFolder: string
}

export interface RecentProject {
  file: string
  name: string
  /** ISO 8601. */
  openedAt: string
  /** There is no such file now. */
  missing: boolean
}

export interface OpenedProject {
  /** Null for the network of a model file: saving asks where. */
  file: string | null
  /** Tells this content of the file from any other; null without a file. */
  version: string | null
  /** As parsed, its data folder as a full path; may hold invalid parts, which the window shows at their blocks. */
  project: ProjectFile
  /** Problems found by the schema, with the place in the file. Empty for a clean file. */
  problems: readonly string[]
}

export interface ProjectService {
  /** A project file, or a model file's network. Throws PROJECT_*, MODEL_*, FILE_NOT_FOUND, FILE_UNREADABLE. */
  open(file: string): Promise<OpenedProject>
  /**
   * Writes atomically and answers the new version. `replaces` is the version that may be overwritten, `nothing` or
   * `anything`. Throws FILE_CHANGED where something else is there, PROJECT_INVALID, FILE_UNWRITABLE.
   */
  save(file: string, project: ProjectFile, replaces: string): Promise<string>
  /**
   * As `save`, for other machines: a folder of images that does not lie beside or below the copy is left out of it, and
   * answered.
   */
  saveCopy(file: string, project: ProjectFile, replaces: string): Promise<string | null>
  /** Newest first. */
  recent(): Promise<RecentProject[]>
  /** Takes a file off the recent ones. */
  forgetRecent(file: string): Promise<void>
}

/** A project with unsaved changes whose window is gone. */
export interface KeptProject {
  id: string
  name: string
  /** Where it belongs; null when it was never saved. */
  file: string | null
  /** ISO 8601, of the last change. */
  keptAt: string
}

/**
 * Unsaved changes outlive the window, the browser and this process: each window keeps its own here under an id it makes up.
 * The content is the window's business, and may be a project with problems.
 */
export interface RecoveryService {
  /** Throws FILE_UNWRITABLE. */
  keep(id: string, name: string, file: string | null, content: string): Promise<void>
  /** Those of windows that are gone, newest first. */
  kept(): Promise<KeptProject[]>
  /** The content. Throws FILE_NOT_FOUND, FILE_UNREADABLE. */
  take(id: string): Promise<string>
  drop(id: string): Promise<void>
}

export interface FolderEntry {
  name: string
  path: string
  kind: 'folder' | 'file'
}

export interface FolderListing {
  path: string
  /** Null at the top. */
  parent: string | null
  entries: readonly FolderEntry[]
  /** Places to start from: home, current working folder, drives. */
  places: readonly { label: string; path: string }[]
}

/** A native dialog where the shell has one; the browser window shows its own folder picker over `listFolder`. */
export interface DialogService {
  native(): Promise<boolean>
  pickFolder(title: string): Promise<string | null>
  pickProjectToOpen(): Promise<string | null>
  pickProjectToSave(suggestedName: string): Promise<string | null>
  pickReportToSave(suggestedName: string): Promise<string | null>
  pickSceneToOpen(): Promise<string | null>
  pickListToOpen(title: string): Promise<string | null>
  /** Folders, and files that a window may ask for by their ending (projects, scenes, lists) when asked for. Never file contents. */
  listFolder(path: string | null, showFiles: boolean): Promise<FolderListing>
}

export interface SkippedFile {
  file: string
  reason: string
}

/** A folder that may be the class root. */
export interface RootCandidate {
  /** Below the source, with `/`; `.` is the source itself. */
  root: string
  /** Sub-folders with images. */
  classes: number
  images: number
}

export interface SplitNote {
  kind: 'unlisted' | 'unknown' | 'ambiguous' | 'repeated' | 'buffer' | 'unreadable' | 'rest' | 'notValidated'
  count: number
  /** The first hundred. */
  examples: readonly string[]
}

/** How images fall into parts, unless files turn out to be unreadable. */
export interface SplitSummary {
  by: DataSettings['splitBy']
  /** Of each class, in their order. */
  classes: readonly Readonly<Record<Part, number>>[]
  /** What is in no part, what in lists fits no image or not only one, and classes without an image to validate on. */
  notes: readonly SplitNote[]
  /** Of a split by blocks. */
  blocks: SplitBlocks | null
  /** Names of a split by lists, by part; null for any other split. */
  listed: Readonly<Record<Part, ListedNames | null>> | null
  /** Full paths of texts in the source that may be lists; at most 100. */
  lists: readonly string[]
  /** The sub-folders of the class root that stand for parts, where it has such; also when they are not used. */
  folders: readonly { name: string; part: Part }[]
}

export interface DataSummary {
  source: string
  /** The class root that is used. */
  root: string
  /** Others that may be chosen, from the top down; at most 200. */
  roots: readonly RootCandidate[]
  split: SplitSummary
  /** Without images that are left out. */
  classes: readonly { name: string; count: number }[]
  images: number
  /** So many more are left out. */
  excluded: number
  /** Bands of the first readable image; colour when they are red, green and blue. */
  bands: number
  colour: boolean
  kind: ImageFacts['kind']
  /** Names that the first readable image gives its bands, or by their number. */
  bandNames: readonly string[]
  /** How values are held: what some images spread over all of them need. */
  numbers: NumberType
  noData: number | null
  geo: Georeference | null
  /** Of so many images whose header was read, how many have another size than the first, and how many which size. */
  sizes: { read: number; others: number; found: readonly SizeCount[] }
  /** Each band of an image is a file of its own. */
  bandFiles: boolean
  /** Bands that are named as Sentinel-2's but do not look like it. */
  bandDoubt: BandDoubt | null
  /** Size of the first readable image, `[height, width]`. */
  size: readonly [number, number]
  /** The first thousand. */
  skipped: readonly SkippedFile[]
  /** So many more were skipped. */
  skippedMore: number
}

/** What becomes of a long look at images, told to the window that asked. */
export type DataEvent =
  { type: 'scanning'; files: number } | { type: 'surveying'; done: number; total: number }

export interface AugmentedExampleOf {
  augmentation: AugmentationSettings
  seed: number
  /** Of the network's input. */
  target: { height: number; width: number; channels: number }
  /** Another image, drawn anew, for each number. */
  round: number
  variants: number
}

/** Pictures as PNG bytes. */
export interface AugmentedExample {
  className: string
  size: readonly [height: number, width: number]
  original: Uint8Array
  variants: readonly Uint8Array[]
}

export interface DataService {
  /**
   * Class folders, counts and a first image; does not decode everything. `dataEvent` tells how far it is. Without `again`, a folder
   * that this window looked through last is not walked anew. Null when a newer one or `stopInspecting` called it off. Throws DATA_*,
   * FILE_*.
   */
  inspect(data: DataSettings, projectFile: string | null, again: boolean): Promise<DataSummary | null>
  stopInspecting(): Promise<void>
  /** A few example images per class as PNG bytes, at most `perClass`. */
  examples(
    data: DataSettings,
    projectFile: string | null,
    perClass: number,
  ): Promise<{ className: string; png: Uint8Array }[]>
  /** An example image, and what augmentation may make of it. Throws DATA_*, IMAGE_UNREADABLE. */
  augmented(
    data: DataSettings,
    projectFile: string | null,
    asked: AugmentedExampleOf,
  ): Promise<AugmentedExample>
  /** Bytes of decoded images kept on disk, by all projects and runs. */
  cacheSize(): Promise<number>
  /** Throws them out; runs under way go on. Answers the bytes that stay. */
  clearCache(): Promise<number>
}

/** A small picture as WebP, with the size and bands of its file; or why there is none. */
export type ThumbnailAnswer =
  { image: Uint8Array; width: number; height: number; bands: number } | { problem: string }

/** All images of a source, one by one. Each window has one listing at a time. */
export interface SurveyService {
  /** Every image, those left out of training included. Throws as `data.inspect`. */
  list(data: DataSettings, projectFile: string | null): Promise<ImageListing>
  /**
   * Looks at every image of the listing; `dataEvent` tells how far it is. `data` says how they are split and which are left out. Null when
   * a newer one or `stop` called it off; what was looked at by then is known the next time. Throws LISTING_GONE.
   */
  survey(listing: number, data: DataSettings): Promise<DataSurvey | null>
  stop(): Promise<void>
  /** At most 64 at once, each no larger than `side`, with the bands that the project shows. Throws LISTING_GONE. */
  thumbnails(
    listing: number,
    images: readonly number[],
    side: number,
    display: DisplaySettings,
  ): Promise<ThumbnailAnswer[]>
}

export interface StartTraining {
  project: ProjectFile
  /** For paths relative to the project file; null when it was never saved. */
  projectFile: string | null
  executor: ExecutorChoice
  threads: number | null
  /** Id of a run whose weights are taken over wherever block, name and shape are the same. */
  weightsFrom?: string | null | undefined
}

/** What may differ when a run goes on: everything else is as it was. */
export interface ContinueTraining {
  runId: string
  executor: ExecutorChoice
  threads: number | null
  /** All of the run, those done included. */
  epochs: number
  batchSize: number
  learningRate: number
}

/** A training whose memory and time are asked for; it need not be startable, but its network must fit. */
export interface ForecastRequest {
  project: ProjectFile
  executor: ExecutorChoice
  threads: number | null
  images: { training: number; validation: number }
  /** Run a few steps, about a second, to learn the time. */
  probe: boolean
}

/** A learning rate is looked for on the images and with the settings of a training. */
export interface RateSearchRequest extends Pick<
  StartTraining,
  'project' | 'projectFile' | 'executor' | 'threads'
> {
  /** Made up by the window, which knows its events by it. */
  searchId: string
}

export type RateEvent =
  | { type: 'reading'; searchId: string; done: number; total: number }
  /** The next steps. */
  | { type: 'tried'; searchId: string; curve: RateCurve }

/** A run's training several times anew: seed, seed + 1, … */
export interface RepeatRun {
  runId: string
  count: number
  executor: ExecutorChoice
  threads: number | null
}

/** A training twice, split by chance and by blocks of the map. */
export interface CompareSplits extends Pick<
  StartTraining,
  'project' | 'projectFile' | 'executor' | 'threads'
> {
  /** Of each run. */
  epochs: number
}

export interface RunSummary {
  runId: string
  /** As a person called it, else the project's. */
  name: string
  /** What a person wrote about it. */
  note: string
  state: RunState
}

export interface Prediction {
  file: string
  top: readonly { class: string; probability: number }[]
  /** Why this file has no prediction, or null. */
  problem: string | null
}

export interface TrainingService {
  /** Throws RUN_ALREADY_ACTIVE, PROJECT_DOES_NOT_FIT, CLASS_COUNT_MISMATCH, DATA_*, WEIGHTS_NOT_FOUND. Answers the run's id at once; events follow. */
  start(request: StartTraining): Promise<string>
  stop(runId: string): Promise<void>
  /** Lets the active run wait with everything kept and saved, after the step it is in. Ended by `resume` or `stop`. */
  pause(runId: string): Promise<void>
  resume(runId: string): Promise<void>
  /**
   * Goes on with a run that has ended, from its last saved state, under its own id. Throws as `start`, RUN_NOT_FOUND,
   * RUN_NOT_RESUMABLE.
   */
  continueRun(request: ContinueTraining): Promise<void>
  /** Newest first; the active one included. A window that was closed finds its run here. */
  runs(): Promise<RunSummary[]>
  /** Whole state with curves so far. Throws RUN_NOT_FOUND. */
  run(runId: string): Promise<RunSummary>
  /**
   * Trains what a run trained several times anew, one run after the other, in a series. Answers when the first has begun; `stop`
   * ends the rest too. Throws as `start`, RUN_NOT_FOUND.
   */
  repeat(request: RepeatRun): Promise<void>
  /**
   * Trains twice, with the images split by chance and by blocks of the map, one run after the other. Answers when the first has begun;
   * `stop` ends the rest too. Throws as `start`.
   */
  compareSplits(request: CompareSplits): Promise<void>
  /** Names a run and keeps a note with it; without a name it is called as its project again. Throws RUN_NOT_FOUND, FILE_UNWRITABLE. */
  label(runId: string, name: string, note: string): Promise<void>
  /** Deletes a run with its folder, for good. Throws RUN_NOT_FOUND, RUN_UNDER_WAY, FILE_UNWRITABLE. */
  deleteRun(runId: string): Promise<void>
  executors(): Promise<ProbeResult>
  /**
   * What a training would take on this machine. Null when a newer forecast or a training called it off. Throws
   * PROJECT_DOES_NOT_FIT, RUN_ALREADY_ACTIVE (with `probe`), EXECUTOR_UNAVAILABLE, OUT_OF_MEMORY.
   */
  forecast(request: ForecastRequest): Promise<Forecast | null>
  /**
   * Looks for a learning rate, with events on the way (`rateEvent`). Null when it was called off: by `stopSearch`, by another
   * search or by a training. Throws as `start`.
   */
  searchRate(request: RateSearchRequest): Promise<RateSearch | null>
  stopSearch(searchId: string): Promise<void>
}

export interface ExportedFiles {
  folder: string
  files: readonly string[]
  /** Largest difference of the reloaded model's probabilities from the running one's, over the compared images. */
  maxDifference: number
  comparedImages: number
}

export interface ExportService {
  /** Writes `model.json` and its weights into a folder, reloads them and compares. Throws RUN_NOT_FOUND, FILE_UNWRITABLE. */
  exportRun(runId: string, folder: string): Promise<ExportedFiles>
  /** Predicts image files with a run's best weights. */
  predict(runId: string, files: readonly string[]): Promise<Prediction[]>
}

export interface AppService {
  info(): Promise<AppInfo>
  /** Opens a documentation page or the run folder outside the window; only from a fixed list of kinds. */
  reveal(folder: string): Promise<void>
}

/** Everything the window may call, by service. */
export interface MainServices {
  app: AppService
  project: ProjectService
  recovery: RecoveryService
  dialog: DialogService
  data: DataService
  survey: SurveyService
  training: TrainingService
  export: ExportService
  evaluation: EvaluationService
  scene: SceneService
}

/** What the main side tells the window. */
export interface WindowEvents {
  runEvent(event: RunEvent): void
  dataEvent(event: DataEvent): void
  rateEvent(event: RateEvent): void
  /** A command id of the native menu (`commands/`). */
  command(id: string): void
}

/** How an error crosses a port: birpc would flatten it to its message. */
export interface RpcFailure {
  interlockError: InterlockErrorData
}
