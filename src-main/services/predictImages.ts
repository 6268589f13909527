import type { ExecutorChoice } from '#shared/engine/executor'
import type { ImageSet, NamedTensor, Normalisation } from '#shared/engine/tensors'
import type { Graph } from '#shared/graph/types'
import { InterlockError } from '#shared/issues/errors'
import type { Prediction } from '#shared/rpc/services'
import { decodeImages } from '../storage/decodeImages'
import type { ImageTarget } from '../storage/decodeImage'
import type { StoredModel } from '../storage/modelFile'
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
  return { height, width, channels, resize: model.preprocessing.resize }
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
  const { mean, std } = preprocessing
  return engine.infer({ graph, weights, normalisation: { mean, std }, images, ...options })
}

/** Predicts image files, in their order; each answer has all classes, the likeliest first, or the problem with its file. */
export async function predictImages(
  engine: EngineClient,
  stored: StoredModel,
  files: readonly string[],
  options: InferOptions,
): Promise<Prediction[]> {
  const target = modelTarget(stored)
  const problems = new Map<string, string>()
  const decoded = await decodeImages(files, target, {
    onSkipped: ({ file, reason }) => problems.set(file, reason),
  })
  const usable = files.map((_, i) => i).filter((i) => decoded.usable[i] === true)
  const size = target.height * target.width * target.channels
  usable.forEach((from, to) => decoded.pixels.copyWithin(to * size, from * size, (from + 1) * size))
  const { classes } = stored.model
  const answers: Prediction[] = files.map((file) => ({ file, top: [], problem: problems.get(file) ?? null }))
  if (usable.length === 0) return answers
  const { probabilities } = await inferImages(
    engine,
    runnable(stored),
    {
      count: usable.length,
      height: target.height,
      width: target.width,
      channels: target.channels,
      pixels: decoded.pixels.subarray(0, usable.length * size),
      labels: new Int32Array(usable.length).fill(-1),
    },
    options,
  )
  usable.forEach((index, row) => {
    const top = classes.map((name, i) => ({
      class: name,
      probability: probabilities[row * classes.length + i] ?? 0,
    }))
    top.sort((a, b) => b.probability - a.probability)
    answers[index] = { file: files[index] as string, top, problem: null }
  })
  return answers
}
