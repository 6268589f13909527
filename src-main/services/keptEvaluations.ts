import { join } from 'node:path'
import { InterlockError } from '#shared/issues/errors'
import { confidentMistakes } from '#shared/evaluation/mistakes'
import { predictedClasses } from '#shared/evaluation/predictions'
import type { ChosenImages, EvaluatedImage, ImageChoice } from '#shared/rpc/evaluationService'
import {
  readEvaluation,
  removeOldEvaluations,
  writeEvaluation,
  type StoredEvaluation,
} from '../storage/evaluationFile'
import { lastModelFileName, modelFileName, readModelHead } from '../storage/modelFile'

/** Evaluations in memory; a large one takes some ten MB. */
const mostLoaded = 2
/** The likeliest classes that are told of an image. */
const topClasses = 5

export interface KeptEvaluation extends StoredEvaluation {
  predicted: Int32Array
  /** The last choice of images, which is asked for page by page. */
  chosen: { key: string; indices: readonly number[] } | null
}

/** Results in the folders of their runs, those used last in memory too. An id is that of the run, a dot, and the name of the file. */
export class KeptEvaluations {
  /** Used last stands last. */
  private readonly loaded = new Map<string, KeptEvaluation>()

  constructor(private readonly folderOf: (runId: string) => string) {}

  async find(id: string): Promise<KeptEvaluation | null> {
    const known = this.loaded.get(id)
    if (known) return this.remember(id, known)
    const [folder, name] = this.placeOf(id)
    const stored = await readEvaluation(folder, name)
    return stored === null ? null : this.remember(id, withPredicted(stored))
  }

  /** Throws ARGUMENT_INVALID where there is none. */
  async load(id: string): Promise<KeptEvaluation> {
    const found = await this.find(id)
    if (found === null) throw noSuch('evaluation', id)
    return found
  }

  /** Writes a new one, and removes those of weights that the run no longer has. Throws FILE_UNWRITABLE. */
  async keep(id: string, entry: StoredEvaluation): Promise<void> {
    const [folder, name] = this.placeOf(id)
    await writeEvaluation(folder, name, entry)
    this.remember(id, withPredicted(entry))
    const heads = await Promise.all(
      [modelFileName, lastModelFileName].map((model) => readModelHead(join(folder, model)).catch(() => null)),
    )
    const kept = heads.filter((head) => head !== null).map(({ weights }) => weights.sha256.slice(0, 16))
    if (kept.length > 0) await removeOldEvaluations(folder, kept)
  }

  private placeOf(id: string): [folder: string, name: string] {
    const dot = id.indexOf('.')
    return [this.folderOf(id.slice(0, dot)), id.slice(dot + 1)]
  }

  private remember(id: string, entry: KeptEvaluation): KeptEvaluation {
    this.loaded.delete(id)
    this.loaded.set(id, entry)
    const [oldest] = this.loaded.keys()
    if (this.loaded.size > mostLoaded && oldest !== undefined) this.loaded.delete(oldest)
    return entry
  }
}

function withPredicted(stored: StoredEvaluation): KeptEvaluation {
  return { ...stored, predicted: predictedClasses(stored.predictions), chosen: null }
}

/** Some of the images of a choice, in its order. */
export function chosenImages(
  loaded: KeptEvaluation,
  choice: ImageChoice,
  from: number,
  count: number,
): ChosenImages {
  const key = JSON.stringify(choice)
  if (loaded.chosen?.key !== key) loaded.chosen = { key, indices: chooseImages(loaded, choice) }
  const { indices } = loaded.chosen
  return {
    total: indices.length,
    images: indices.slice(from, from + count).map((i) => describe(loaded, i)),
  }
}

/** The images of a choice in their order. */
function chooseImages({ predictions, predicted }: KeptEvaluation, choice: ImageChoice): number[] {
  if (choice.kind === 'mistakes') return confidentMistakes(predictions)
  const { labels, probabilities, classes } = predictions
  const { truth, predicted: column } = choice
  const own = Array.from(labels.keys()).filter((i) => labels[i] === truth && predicted[i] === column)
  const confidence = (i: number): number => probabilities[i * classes.length + column] as number
  const sign = truth === column ? 1 : -1
  return own.sort((a, b) => sign * (confidence(a) - confidence(b)) || a - b)
}

function describe({ predictions, predicted, files }: KeptEvaluation, index: number): EvaluatedImage {
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

export function noSuch(what: string, found: string | number): InterlockError {
  return new InterlockError('ARGUMENT_INVALID', { what: `The ${what}`, expected: `a known ${what}`, found })
}
