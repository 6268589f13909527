import type { ImageSet } from '#shared/engine/tensors'
import { inferShapes } from '#shared/graph/inferShapes'
import type { ModelParts } from '#shared/export/json'
import type { ExportedFiles } from '#shared/rpc/services'
import { modelFileName, readModelFile, writeModelFile, type StoredModel } from '../storage/modelFile'
import { uniform } from '../storage/split'
import type { EngineClient } from './engineClient'
import { inferImages, modelTarget, type InferOptions } from './predictImages'

/** How many images the certificate compares. */
const comparedImages = 32

/**
 * Writes a model and its weights into a folder, reads them back and compares the class probabilities of both on the same
 * images (random pixels from a fixed seed, so that no data is needed). Throws FILE_UNWRITABLE and the reader's errors.
 */
export async function exportModel(
  engine: EngineClient,
  stored: StoredModel,
  folder: string,
  options: InferOptions,
): Promise<ExportedFiles> {
  const files = await writeModelFile(folder, modelFileName, partsOf(stored), stored.weights)
  const reloaded = await readModelFile(folder)
  const images = noiseImages(stored)
  const before = await inferImages(engine, stored, images, options)
  const after = await inferImages(engine, reloaded, images, options)
  let maxDifference = 0
  before.probabilities.forEach((value, i) => {
    const difference = Math.abs(value - (after.probabilities[i] ?? NaN))
    maxDifference = Number.isNaN(difference) ? Infinity : Math.max(maxDifference, difference)
  })
  return { folder, files, maxDifference, comparedImages }
}

function partsOf({ model, graph }: StoredModel): ModelParts {
  const { resize, filter, mean, std } = model.preprocessing
  return {
    name: model.name,
    graph,
    fits: inferShapes(graph).blocks,
    classes: model.classes,
    preprocessing: { resize, filter, mean, std },
    training: model.training,
  }
}

function noiseImages(stored: StoredModel): ImageSet {
  const { height, width, channels } = modelTarget(stored)
  const random = uniform(1)
  const pixels = Uint8Array.from({ length: comparedImages * height * width * channels }, () =>
    Math.floor(random() * 256),
  )
  return {
    count: comparedImages,
    height,
    width,
    channels,
    pixels,
    labels: new Int32Array(comparedImages).fill(-1),
  }
}
