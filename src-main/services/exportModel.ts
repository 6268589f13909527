import { byteScale, type ImageSet, type NamedTensor } from '#shared/engine/tensors'
import type { ModelParts } from '#shared/export/json'
import { inferShapes } from '#shared/graph/inferShapes'
import type { ExportedFiles } from '#shared/rpc/services'
import { modelFileName, readModelFile, writeModelFile, type StoredModel } from '../storage/modelFile'
import { imageLength } from '../storage/fitPixels'
import { allocate } from '../storage/pixelMemory'
import { uniform } from '../storage/split'
import type { EngineClient } from './engineClient'
import { inferImages, modelTarget, runnable, type InferOptions } from './predictImages'

/** How many images the certificate compares. */
const comparedImages = 32

/** A network about to become a model file. */
export interface Exportable {
  parts: ModelParts
  weights: NamedTensor[]
}

/** A stored model, to be written again elsewhere. */
export function exportable({ model, graph, weights }: StoredModel): Exportable {
  const { name, classes, training } = model
  const fits = inferShapes(graph).blocks
  return {
    parts: { name, graph, fits, classes, preprocessing: model.preprocessing, training },
    weights,
  }
}

/**
 * Writes a model and its weights into a folder, reads them back and compares the class probabilities of both on the same
 * images (random pixels from a fixed seed, so that no data is needed). Throws FILE_UNWRITABLE and the reader's errors.
 */
export async function exportModel(
  engine: EngineClient,
  { parts, weights }: Exportable,
  folder: string,
  options: InferOptions,
): Promise<ExportedFiles> {
  const files = await writeModelFile(folder, modelFileName, parts, weights)
  const reloaded = await readModelFile(folder)
  const images = noiseImages(reloaded)
  const original = { graph: parts.graph, weights, preprocessing: parts.preprocessing }
  const before = await inferImages(engine, original, images, options)
  const after = await inferImages(engine, runnable(reloaded), images, options)
  let maxDifference = 0
  before.probabilities.forEach((value, i) => {
    const difference = Math.abs(value - (after.probabilities[i] ?? NaN))
    maxDifference = Number.isNaN(difference) ? Infinity : Math.max(maxDifference, difference)
  })
  return { folder, files, maxDifference, comparedImages }
}

function noiseImages(stored: StoredModel): ImageSet {
  const target = modelTarget(stored)
  const { height, width, channels, numbers } = target
  const { mean, std, scale = byteScale } = stored.model.preprocessing
  const random = uniform(1)
  const pixels = allocate(comparedImages * imageLength(target), numbers)
  // Evenly over all bytes; of other numbers, around each band's mean.
  for (let i = 0; i < pixels.length; i++) {
    const band = i % channels
    const value = ((mean[band] ?? 0) + (random() * 4 - 2) * (std[band] ?? 1)) / scale
    pixels[i] =
      numbers === 'uint8' ? Math.floor(random() * 256) : numbers === 'uint16' ? clamp16(value) : value
  }
  return {
    count: comparedImages,
    height,
    width,
    channels,
    pixels,
    labels: new Int32Array(comparedImages).fill(-1),
  }
}

function clamp16(value: number): number {
  return Math.min(65535, Math.max(0, Math.round(value)))
}
