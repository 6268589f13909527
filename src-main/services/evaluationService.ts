import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { InterlockError, toInterlockError } from '#shared/issues/errors'
import { classCurves, precisionRecallPoints, rocPoints, thinned } from '#shared/evaluation/curves'
import { confidentMistakes } from '#shared/evaluation/mistakes'
import { predictedClasses } from '#shared/evaluation/predictions'
import { summarise, type EvaluationFacts } from '#shared/evaluation/summary'
import type { ModelFile } from '#shared/export/json'
import type { DataSettings } from '#shared/project/schema'
import type {
  ChosenImages,
  DrawnCurves,
  EvaluatedImage,
  EvaluationRequest,
  EvaluationService,
  EvaluationState,
  FoundEvaluation,
  ImageChoice,
  NewPrediction,
  RunModel,
} from '#shared/rpc/evaluationService'
import type { SkippedFile } from '#shared/rpc/services'
import {
  readEvaluation,
  removeOldEvaluations,
  writeEvaluation,
  type EvaluatedModel,
  type StoredEvaluation,
} from '../storage/evaluationFile'
import type { ImageStore } from '../storage/gatherImages'
import { filesOf } from '../storage/imageFolder'
import {
  lastModelFileName,
  modelFileName,
  readModelFile,
  readModelHead,
  type StoredModel,
} from '../storage/modelFile'
import type { EngineClient } from './engineClient'
import { evaluateImages } from './evaluateModel'
import { evaluationThumbnail, tableNames, writeReportFile, writeTableFiles } from './evaluationFiles'
import { openSource, openValidation, type ImageSource } from './imageSource'
import { usualPart, type LabelledPart } from './loadImages'
import { openEvaluated } from './openEvaluated'
import { predictImages } from './predictImages'
import { fileThumbnail } from './thumbnails'
import type { TrainingRuns } from './trainingService'
import { Uploads } from './uploads'

const anyExecutor = { executor: 'auto', threads: null } as const

/** Side of the picture of a new image, in pixels. */
const newImageSide = 160
/** Of files that cannot be read, so many are told by name. */
const mostSkipped = 200
/** Evaluations in memory; a large one takes some ten MB. */
const mostLoaded = 2
/** The likeliest classes that are told of an image. */
const topClasses = 5

/** What a request means now: which model, which images. */
interface Resolved {
  id: string
  request: EvaluationRequest
  runName: string
  runFolder: string
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

interface Loaded extends StoredEvaluation {
  predicted: Int32Array
  /** The last choice of images, which is asked for page by page. */
  chosen: { key: string; indices: readonly number[] } | null
}

/** Evaluates models of runs, one after the other, and keeps the results in the runs' folders. */
export class ModelEvaluations implements EvaluationService {
  private readonly tasks = new Map<string, Task>()
  private last: Promise<unknown> = Promise.resolve()
  /** Used last stands last. */
  private readonly loaded = new Map<string, Loaded>()
  private model: StoredModel | null = null
  private readonly uploads = new Uploads()

  constructor(
    private readonly engine: EngineClient,
    private readonly training: TrainingRuns,
    private readonly store: ImageStore,
  ) {}

  async find(request: EvaluationRequest): Promise<FoundEvaluation> {
    const { id } = await this.resolve(request)
    const kept = await this.kept(id)
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
    const kept = await this.kept(id)
    return kept === null ? { kind: 'none' } : { kind: 'ready', evaluation: kept.evaluation }
  }

  cancel(id: string): Promise<void> {
    this.tasks.get(id)?.abort.abort(new Error('cancelled'))
    return Promise.resolve()
  }

  async changed(id: string): Promise<boolean> {
    const { evaluation, model, listing } = await this.load(id)
    const { state } = await this.training.run(evaluation.runId)
    const source = await openImages(evaluation.source, evaluation.part, model, state.project.data)
    return listingOf(source) !== listing
  }

  async curves(id: string, classIndex: number): Promise<DrawnCurves> {
    const { predictions } = await this.load(id)
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
    const loaded = await this.load(id)
    const key = JSON.stringify(choice)
    if (loaded.chosen?.key !== key) loaded.chosen = { key, indices: chooseImages(loaded, choice) }
    const { indices } = loaded.chosen
    return {
      total: indices.length,
      images: indices.slice(from, from + count).map((i) => describe(loaded, i)),
    }
  }

  async thumbnails(id: string, indices: readonly number[], side: number): Promise<(Uint8Array | null)[]> {
    const { evaluation, files } = await this.load(id)
    return Promise.all(
      indices.map((i) => evaluationThumbnail(this.store.pool, evaluation.source, files[i] ?? '', side)),
    )
  }

  async writeReport(id: string, file: string, replace: boolean): Promise<void> {
    if (!replace) await requireFree([file])
    await writeReportFile(this.store.pool, await this.load(id), file)
  }

  async writeTables(id: string, folder: string, replace: boolean): Promise<string[]> {
    if (!replace) await requireFree(tableNames.map((name) => join(folder, name)))
    return writeTableFiles(await this.load(id), folder)
  }

  upload(upload: string, piece: Uint8Array): Promise<void> {
    return this.uploads.add(upload, piece)
  }

  predictUpload(upload: string, name: string, runId: string, model: RunModel): Promise<NewPrediction> {
    return this.uploads.use(upload, async (file) => {
      const stored = await this.modelOf(runId, model)
      const [prediction] = await predictImages(this.engine, stored, [file], anyExecutor, this.store)
      const { top, problem } = prediction!
      const png =
        problem === null ? await fileThumbnail(this.store.pool, file, newImageSide).catch(() => null) : null
      return { file: name, top, problem, png }
    })
  }

  /** Calls off what is under way. */
  async dispose(): Promise<void> {
    for (const { abort } of this.tasks.values()) abort.abort(new Error('Interlock is being closed'))
    await this.last
    await this.uploads.dispose()
  }

  private async resolve(request: EvaluationRequest): Promise<Resolved> {
    const { runId, model } = request
    const { state, name } = await this.training.run(runId)
    const runFolder = this.training.folderOf(runId)
    const { data } = state.project
    const head = await this.headOf(runFolder, name, model)
    const source = request.part === 'folder' ? request.folder : sourceOf(request.part, data)
    if (source === null) throw new InterlockError('DATA_NOT_CHOSEN')
    const part = request.part === 'folder' ? 'all' : request.part
    const key = hash(JSON.stringify([part, source, head.training.split]))
    const id = `${runId}.${head.weights.sha256.slice(0, 16)}-${key}`
    return { id, request, runName: name, runFolder, head, part, source, data }
  }

  private async evaluate(resolved: Resolved, task: Task): Promise<void> {
    const { id, request, runFolder, head, part } = resolved
    const { signal } = task.abort
    signal.throwIfAborted()
    const started = performance.now()
    const source = await openImages(resolved.source, part, head, resolved.data, signal)
    const stored = await this.modelOf(request.runId, request.model)
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
    await writeEvaluation(runFolder, fileNameOf(id), entry)
    this.remember(id, entry)
    await this.removeOld(runFolder)
  }

  /** A model's file without its weights. */
  private async headOf(runFolder: string, run: string, model: RunModel): Promise<ModelFile> {
    const file = join(runFolder, model === 'best' ? modelFileName : lastModelFileName)
    try {
      return await readModelHead(file)
    } catch (thrown) {
      const missing = thrown instanceof InterlockError && thrown.code === 'FILE_NOT_FOUND'
      throw missing ? new InterlockError('RUN_WITHOUT_MODEL', { run }, { cause: thrown }) : thrown
    }
  }

  /** The weights too; those used last stay in memory. */
  private async modelOf(runId: string, model: RunModel): Promise<StoredModel> {
    const { name } = await this.training.run(runId)
    const runFolder = this.training.folderOf(runId)
    const head = await this.headOf(runFolder, name, model)
    if (this.model?.model.weights.sha256 !== head.weights.sha256) {
      this.model = await readModelFile(join(runFolder, model === 'best' ? modelFileName : lastModelFileName))
    }
    return this.model!
  }

  private async removeOld(runFolder: string): Promise<void> {
    const heads = await Promise.all(
      [modelFileName, lastModelFileName].map((name) =>
        readModelHead(join(runFolder, name)).catch(() => null),
      ),
    )
    const kept = heads.filter((head) => head !== null).map(({ weights }) => weights.sha256.slice(0, 16))
    if (kept.length > 0) await removeOldEvaluations(runFolder, kept)
  }

  private async load(id: string): Promise<Loaded> {
    const found = await this.kept(id)
    if (found === null) throw noSuch('evaluation', id)
    return found
  }

  private async kept(id: string): Promise<Loaded | null> {
    const known = this.loaded.get(id)
    if (known) {
      this.loaded.delete(id)
      this.loaded.set(id, known)
      return known
    }
    const stored = await readEvaluation(this.training.folderOf(id.split('.')[0] as string), fileNameOf(id))
    return stored === null ? null : this.remember(id, stored)
  }

  private remember(id: string, stored: StoredEvaluation): Loaded {
    const entry = { ...stored, predicted: predictedClasses(stored.predictions), chosen: null }
    this.loaded.delete(id)
    this.loaded.set(id, entry)
    const [oldest] = this.loaded.keys()
    if (this.loaded.size > mostLoaded && oldest !== undefined) this.loaded.delete(oldest)
    return entry
  }
}

/** The images of a choice in their order. */
function chooseImages({ predictions, predicted }: Loaded, choice: ImageChoice): number[] {
  if (choice.kind === 'mistakes') return confidentMistakes(predictions)
  const { labels, probabilities, classes } = predictions
  const { truth, predicted: column } = choice
  const own = Array.from(labels.keys()).filter((i) => labels[i] === truth && predicted[i] === column)
  const confidence = (i: number): number => probabilities[i * classes.length + column] as number
  const sign = truth === column ? 1 : -1
  return own.sort((a, b) => sign * (confidence(a) - confidence(b)) || a - b)
}

function describe({ predictions, predicted, files }: Loaded, index: number): EvaluatedImage {
  const { labels, probabilities, classes } = predictions
  const row = probabilities.subarray(index * classes.length, (index + 1) * classes.length)
  const [truth, own] = [labels[index] as number, predicted[index] as number]
  const top = Array.from(row, (probability, i) => ({ class: i, probability }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, topClasses)
  return {
    index,
    file: files[index] ?? '',
    truth,
    predicted: own,
    confidence: row[own] as number,
    truthProbability: row[truth] as number,
    top,
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

/** The part of an id after the run's. */
function fileNameOf(id: string): string {
  return id.slice(id.indexOf('.') + 1)
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

function noSuch(what: string, found: string | number): InterlockError {
  return new InterlockError('ARGUMENT_INVALID', { what: `The ${what}`, expected: `a known ${what}`, found })
}
