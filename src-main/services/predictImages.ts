import type { DisplaySettings } from '#shared/data/displayBands'
import type { ExecutorChoice } from '#shared/engine/executor'
import type { ImageSet, NamedTensor, Normalisation } from '#shared/engine/tensors'
import type { Graph } from '#shared/graph/types'
import { InterlockError } from '#shared/issues/errors'
import type { Prediction } from '#shared/rpc/services'
import { skipReason, type ImageStore } from '../storage/gatherImages'
import { imageBytes, imageLength, type ImageTarget } from '../storage/fitPixels'
import type { StoredModel } from '../storage/modelFile'
import { allocate } from '../storage/pixelMemory'
import type { EngineClient } from './engineClient'

export interface InferOptions {
  executor: ExecutorChoice
  threads: number | null
}

/** What images must become for a stored model. */
export function modelTarget({ model }: StoredModel): ImageTarget {
  const [height, width, channels] = model.graph.blocks.find(({ type }) => type === 'input')?.output ?? []
  if (height === undefined || width === undefined || channels === undefined) {
    throw new InterlockError('MODEL_INVALID', {
      file: 'model.json',
      problems: 'the input block has no output shape',
    })
  }
  const { resize, numbers = 'uint8', bands, storedBands: stored, formulas = {} } = model.preprocessing
  const formulaOf = (name: string) => (Object.hasOwn(formulas, name) ? (formulas[name] ?? null) : null)
  const wanted = bands.map((name) => ({ name, formula: formulaOf(name) }))
  return { height, width, channels, resize, numbers, bands: stored ? { stored, wanted } : null }
}

/** How bands of images are called that a stored model takes, and which of them people see. */
export function modelDisplay({ model }: StoredModel, display: DisplaySettings['display']): DisplaySettings {
  const { storedBands, formulas = {} } = model.preprocessing
  const indices = Object.entries(formulas).map(([name, formula]) => ({ name, formula }))
  return { bandNames: storedBands ?? null, indices, display }
}

/** A network that can compute: what a stored model holds, or what is about to become one. */
export interface Runnable {
  graph: Graph
  weights: NamedTensor[]
  preprocessing: Normalisation
}

export function runnable({ graph, weights, model }: StoredModel): Runnable {
  return { graph, weights, preprocessing: model.preprocessing }
}

/** Class probabilities of images, `[count][classes]`, and the mean loss over those with a label. */
export function inferImages(
  engine: EngineClient,
  network: Runnable,
  images: ImageSet,
  options: InferOptions,
) {
  const { graph, weights, preprocessing } = network
  const { mean, std, scale } = preprocessing
  return engine.infer({ graph, weights, normalisation: { mean, std, scale }, images, ...options })
}

/** Predicts image files, in their order; each answer has all classes, the likeliest first, or the problem with its file. */
export async function predictImages(
  engine: EngineClient,
  stored: StoredModel,
  files: readonly string[],
  options: InferOptions,
  images: ImageStore,
): Promise<Prediction[]> {
  const target = modelTarget(stored)
  const { height, width, channels } = target
  const size = imageLength(target)
  const atOnce = Math.max(1, Math.floor(images.memory / imageBytes(target)))
  const answers: Prediction[] = []
  for (let from = 0; from < files.length; from += atOnce) {
    const some = files.slice(from, from + atOnce)
    const pixels = allocate(some.length * size, target.numbers)
    const problems: (string | null)[] = await Promise.all(
      some.map(async (file, i) => {
        try {
          pixels.set((await images.pool.decode(file, target)).pixels, i * size)
          return null
        } catch (thrown) {
          return skipReason(thrown)
        }
      }),
    )
    const usable = problems.flatMap((problem, i) => (problem === null ? [i] : []))
    usable.forEach((at, to) => pixels.copyWithin(to * size, at * size, (at + 1) * size))
    const count = usable.length
    const labels = new Int32Array(count).fill(-1)
    const set = { count, height, width, channels, pixels: pixels.subarray(0, count * size), labels }
    const inferred = count === 0 ? null : await inferImages(engine, runnable(stored), set, options)
    const rows = new Map(usable.map((i, row) => [i, row]))
    some.forEach((file, i) => {
      const row = rows.get(i)
      const top = row === undefined ? [] : rank(stored.model.classes, inferred!.probabilities, row)
      answers.push({ file, top, problem: problems[i] ?? null })
    })
  }
  return answers
}

/** All classes with their probabilities in a row of `[count][classes]`, the likeliest first. */
function rank(classes: readonly string[], probabilities: Float32Array, row: number): Prediction['top'] {
  const top = classes.map((name, i) => ({
    class: name,
    probability: probabilities[row * classes.length + i] ?? 0,
  }))
  return top.sort((a, b) => b.probability - a.probability)
}
