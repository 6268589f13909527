import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { InterlockError, toInterlockError } from '#shared/issues/errors'
import { classCurves, precisionRecallPoints, rocPoints, thinned } from '#shared/evaluation/curves'
import { summarise, type EvaluationFacts } from '#shared/evaluation/summary'
import type { ModelFile } from '#shared/export/json'
import type { DisplaySettings } from '#shared/data/displayBands'
import type { DataSettings } from '#shared/project/schema'
import type {
  ChosenImages,
  DrawnCurves,
  EvaluationRequest,
  EvaluationService,
  EvaluationState,
  FoundEvaluation,
  ImageChoice,
  NewPrediction,
  RunModel,
} from '#shared/rpc/evaluationService'
import type { SkippedFile } from '#shared/rpc/services'
import { makeFolder, writeFileAtomic } from '../storage/atomicFile'
import type { EvaluatedModel, StoredEvaluation } from '../storage/evaluationFile'
import type { ImageStore } from '../storage/gatherImages'
import { filesOf } from '../storage/imageFolder'
import type { EngineClient } from './engineClient'
import { evaluateImages } from './evaluateModel'
import { evaluationThumbnail, tableNames, writeReportFile, writeTableFiles } from './evaluationFiles'
import { openSource, openValidation, type ImageSource } from './imageSource'
import { usualPart, type LabelledPart } from './loadImages'
import { chosenImages, KeptEvaluations, noSuch } from './keptEvaluations'
import { openEvaluated } from './openEvaluated'
import { predictImages } from './predictImages'
import type { RunModels } from './runModels'
import { fileThumbnail } from './thumbnails'
import type { TrainingRuns } from './trainingService'
import { Uploads } from './uploads'

const anyExecutor = { executor: 'auto', threads: null } as const

/** Side of the picture of a new image, in pixels. */
const newImageSide = 160
/** Of files that cannot be read, so many are told by name. */
const mostSkipped = 200

type Display = DisplaySettings['display']

/** What a request means now: which model, which images. */
interface Resolved {
  id: string
  request: EvaluationRequest
  runName: string
  head: ModelFile
  part: LabelledPart
  source: string
  /** How the run took its images. */
  data: DataSettings
}

interface Task {
  state: EvaluationState
  abort: AbortController
}

/** Evaluates models of runs, one after the other, and keeps the results in the runs' folders. */
export class ModelEvaluations implements EvaluationService {
  private readonly tasks = new Map<string, Task>()
  private last: Promise<unknown> = Promise.resolve()
  private readonly kept: KeptEvaluations
  private readonly uploads = new Uploads()

  constructor(
    private readonly engine: EngineClient,
    private readonly training: TrainingRuns,
    private readonly models: RunModels,
    private readonly store: ImageStore,
  ) {
    this.kept = new KeptEvaluations((runId) => training.folderOf(runId))
  }

  async find(request: EvaluationRequest): Promise<FoundEvaluation> {
    const { id } = await this.resolve(request)
    const kept = await this.kept.find(id)
    return { id, evaluation: kept?.evaluation ?? null }
  }

  async start(request: EvaluationRequest): Promise<string> {
    const resolved = await this.resolve(request)
    const { id } = resolved
    const before = this.tasks.get(id)
    if (before && before.state.kind !== 'failed' && !before.abort.signal.aborted) return id
    const task: Task = { state: { kind: 'waiting' }, abort: new AbortController() }
    this.tasks.set(id, task)
    const work = this.last.then(() => this.evaluate(resolved, task))
    const forget = () => this.tasks.get(id) === task && this.tasks.delete(id)
    this.last = work.then(forget, (thrown: unknown) => {
      if (task.abort.signal.aborted) forget()
      else task.state = { kind: 'failed', error: toInterlockError(thrown).toData() }
    })
    return id
  }

  async state(id: string): Promise<EvaluationState> {
    const task = this.tasks.get(id)
    if (task) return task.abort.signal.aborted ? { kind: 'none' } : task.state
    const kept = await this.kept.find(id)
    return kept === null ? { kind: 'none' } : { kind: 'ready', evaluation: kept.evaluation }
  }

  cancel(id: string): Promise<void> {
    this.tasks.get(id)?.abort.abort(new Error('cancelled'))
    return Promise.resolve()
  }

  async changed(id: string): Promise<boolean> {
    const { evaluation, model, listing } = await this.kept.load(id)
    const { state } = await this.training.run(evaluation.runId)
    const source = await openImages(evaluation.source, evaluation.part, model, state.project.data)
    return listingOf(source) !== listing
  }

  async curves(id: string, classIndex: number): Promise<DrawnCurves> {
    const { predictions } = await this.kept.load(id)
    if (classIndex >= predictions.classes.length) throw noSuch('class', classIndex)
    const curves = classCurves(predictions, classIndex)
    const { auc, averagePrecision, positives, negatives } = curves
    return {
      roc: thinned(rocPoints(curves)),
      precisionRecall: thinned(precisionRecallPoints(curves)),
      auc,
      averagePrecision,
      positives,
      negatives,
    }
  }

  async images(id: string, choice: ImageChoice, from: number, count: number): Promise<ChosenImages> {
    return chosenImages(await this.kept.load(id), choice, from, count)
  }

  async thumbnails(
    id: string,
    indices: readonly number[],
    side: number,
    display: Display,
  ): Promise<(Uint8Array | null)[]> {
    const { evaluation, files } = await this.kept.load(id)
    const settings = await this.displayOf(evaluation.runId, display)
    return Promise.all(
      indices.map((i) =>
        evaluationThumbnail(this.store.pool, evaluation.source, files[i] ?? '', side, settings),
      ),
    )
  }

  async writeReport(id: string, file: string, replace: boolean, display: Display): Promise<void> {
    if (!replace) await requireFree([file])
    const loaded = await this.kept.load(id)
    const settings = await this.displayOf(loaded.evaluation.runId, display)
    await writeReportFile(this.store.pool, loaded, file, settings)
  }

  async writeTables(id: string, folder: string, replace: boolean): Promise<string[]> {
    if (!replace) await requireFree(tableNames.map((name) => join(folder, name)))
    return writeTableFiles(await this.kept.load(id), folder)
  }

  async writeNewImages(csv: string, folder: string, replace: boolean): Promise<string> {
    const file = join(folder, 'new-images.csv')
    if (!replace) await requireFree([file])
    await makeFolder(folder)
    await writeFileAtomic(file, csv)
    return file
  }

  upload(upload: string, piece: Uint8Array): Promise<void> {
    return this.uploads.add(upload, piece)
  }

  predictUpload(
    upload: string,
    name: string,
    runId: string,
    model: RunModel,
    display: Display,
  ): Promise<NewPrediction> {
    return this.uploads.use(upload, async (file) => {
      const stored = await this.models.read(runId, model)
      const [prediction] = await predictImages(this.engine, stored, [file], anyExecutor, this.store)
      const { top, problem } = prediction!
      const settings = await this.displayOf(runId, display)
      const drawn = problem === null ? fileThumbnail(this.store.pool, file, newImageSide, settings) : null
      const png = (await drawn?.catch(() => null)) ?? null
      const classes = problem === null ? stored.model.classes : []
      return { file: name, classes, top, problem, png }
    })
  }

  /** Calls off what is under way. */
  async dispose(): Promise<void> {
    for (const { abort } of this.tasks.values()) abort.abort(new Error('Interlock is being closed'))
    await this.last
    await this.uploads.dispose()
  }

  /** Bands are called as the run called them; which of them are shown is for the window to say. */
  private async displayOf(runId: string, display: Display): Promise<DisplaySettings> {
    const { bandNames, indices } = (await this.training.run(runId)).state.project.data
    return { bandNames, indices, display }
  }

  private async resolve(request: EvaluationRequest): Promise<Resolved> {
    const { runId, model } = request
    const { state, name } = await this.training.run(runId)
    const { data } = state.project
    const head = await this.models.head(runId, model)
    const source = request.part === 'folder' ? request.folder : sourceOf(request.part, data)
    if (source === null) throw new InterlockError('DATA_NOT_CHOSEN')
    const part = request.part === 'folder' ? 'all' : request.part
    const key = hash(JSON.stringify([part, source, head.training.split]))
    const id = `${runId}.${head.weights.sha256.slice(0, 16)}-${key}`
    return { id, request, runName: name, head, part, source, data }
  }

  private async evaluate(resolved: Resolved, task: Task): Promise<void> {
    const { id, request, head, part } = resolved
    const { signal } = task.abort
    signal.throwIfAborted()
    const started = performance.now()
    const source = await openImages(resolved.source, part, head, resolved.data, signal)
    const stored = await this.models.read(request.runId, request.model)
    const skipped: SkippedFile[] = []
    const of = validatesElsewhere(part, resolved.data) ? usualPart(source, null) : part
    const evaluated = await evaluateImages(this.engine, stored, source, of, {
      ...anyExecutor,
      images: this.store,
      signal,
      onSkipped: (file) => skipped.push(file),
      onProgress: (done, total) => (task.state = { kind: 'reading', done, total }),
      onPredicted: (done, total) => (task.state = { kind: 'predicting', done, total }),
    })
    const facts: EvaluationFacts = {
      modelName: resolved.runName,
      epoch: head.training.epoch,
      part,
      source: source.source,
      ...(source.fallback ? { fallback: source.fallback } : {}),
      evaluatedAt: new Date().toISOString(),
      seconds: (performance.now() - started) / 1000,
      loss: evaluated.loss,
      skipped: skipped.slice(0, mostSkipped),
      skippedCount: skipped.length,
    }
    const { classes, labels, probabilities, files } = evaluated
    const predictions = { classes, labels, probabilities }
    const summary = await summarise(predictions, facts, () => setImmediate())
    signal.throwIfAborted()
    const { weights: _weights, ...model } = head
    const entry: StoredEvaluation = {
      evaluation: {
        ...summary,
        id,
        runId: request.runId,
        model: request.model,
        expectedImages: request.part === 'validation' ? head.training.images.validation : null,
      },
      model,
      listing: listingOf(source),
      files,
      predictions,
    }
    await this.kept.keep(id, entry)
  }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

/** Of a source's list of files: others are other images. */
function listingOf({ folder }: ImageSource): string {
  return hash(folder === null ? '' : filesOf(folder).join('\n'))
}

/** The images of a run as its training listed them, or another folder of the same classes. */
function openImages(
  source: string,
  part: LabelledPart,
  model: EvaluatedModel,
  data: DataSettings,
  signal?: AbortSignal,
): Promise<ImageSource> {
  const cancel = signal ? { signal } : {}
  if (part === 'all') return openEvaluated(source, process.cwd(), model, cancel)
  if (validatesElsewhere(part, data)) {
    const trained = { source: data.source ?? '', classes: model.classes.map((name) => ({ name, count: 0 })) }
    return openValidation(source, process.cwd(), trained, cancel)
  }
  return openSource(source, process.cwd(), { ...cancel, data: { ...data, validationSource: null } })
}

const validatesElsewhere = (part: LabelledPart, { validationSource }: DataSettings) =>
  part === 'validation' && validationSource !== null

/** Where the images of a run's part lie. */
function sourceOf(part: 'validation' | 'test', data: DataSettings): string | null {
  return validatesElsewhere(part, data) ? data.validationSource : data.source
}

/** Throws FILE_EXISTS where one of the files is there. */
async function requireFree(files: readonly string[]): Promise<void> {
  for (const file of files) {
    const there = await stat(file).then(
      () => true,
      () => false,
    )
    if (there) throw new InterlockError('FILE_EXISTS', { file })
  }
}
