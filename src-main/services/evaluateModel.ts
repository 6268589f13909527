import { relative } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { LabelledPredictions } from '#shared/evaluation/predictions'
import type { ImageSet } from '#shared/engine/tensors'
import { InterlockError } from '#shared/issues/errors'
import { readDigits } from '../storage/digits'
import type { GatherOptions, ImageStore } from '../storage/gatherImages'
import { filesOf } from '../storage/imageFolder'
import type { StoredModel } from '../storage/modelFile'
import type { EngineClient } from './engineClient'
import type { ImageSource } from './imageSource'
import { loadLabelledImages, type LabelledPart } from './loadImages'
import type { SplitSettings } from './imageSplit'
import { inferImages, modelTarget, runnable, type InferOptions } from './predictImages'

/** A model's probabilities for images of known class, and which images these are. */
export interface EvaluatedImages extends LabelledPredictions {
  source: string
  /** Below the source, with `/`; a digit is named as `interlock sample` names its file. */
  files: readonly string[]
  /** Mean cross-entropy. */
  loss: number
}

export interface EvaluateOptions extends InferOptions, GatherOptions {
  images: ImageStore
  /** Called with how many of all images are predicted. */
  onPredicted?(done: number, total: number): void
}

/**
 * Predicts images of a source whose classes are those of the model. Throws DATA_CLASSES_DIFFER, DATA_NO_IMAGES, what loading
 * images throws, and the abort reason.
 */
export async function evaluateImages(
  engine: EngineClient,
  stored: StoredModel,
  source: ImageSource,
  part: LabelledPart,
  options: EvaluateOptions,
  split: SplitSettings | null = stored.model.training.split,
): Promise<EvaluatedImages> {
  const { classes } = stored.model
  const loaded = await loadLabelledImages(source, classes, modelTarget(stored), options, part, split)
  const count = loaded.positions.length
  if (count === 0) {
    const problem = `its ${part} part rounds to none in every class; give a folder with more images`
    throw new InterlockError('DATA_NO_IMAGES', { use: 'evaluate', folder: source.source, problem })
  }
  const labels = new Int32Array(count)
  const probabilities = new Float32Array(count * classes.length)
  let [done, losses, labelled] = [0, 0, 0]
  for await (const loadedPart of loaded.parts()) {
    for await (const { images, inferred } of inferInPieces(engine, stored, loadedPart, options)) {
      labels.set(images.labels, done)
      probabilities.set(inferred.probabilities, done * classes.length)
      const known = images.labels.filter((label) => label >= 0).length
      if (known > 0) losses += inferred.loss * known
      labelled += known
      done += images.count
      options.onPredicted?.(done, count)
    }
  }
  const names = await imageNames(source, loaded.positions)
  const loss = losses / labelled
  return onlyLabelled({ source: source.source, classes, labels, probabilities, files: names, loss })
}

/** A piece takes about so long, so that progress is seen and a cancel is heeded. */
const pieceSeconds = 0.3
/** Whole batches of the engine. */
const smallestPiece = 64

async function* inferInPieces(
  engine: EngineClient,
  stored: StoredModel,
  set: ImageSet,
  options: EvaluateOptions,
) {
  const { executor, threads, signal } = options
  const size = set.height * set.width * set.channels
  let atOnce = smallestPiece
  for (let from = 0; from < set.count;) {
    // A turn for others: a cancel, a window that asks.
    await setImmediate()
    signal?.throwIfAborted()
    const count = Math.min(atOnce, set.count - from)
    const images = {
      ...set,
      count,
      pixels: set.pixels.subarray(from * size, (from + count) * size),
      labels: set.labels.slice(from, from + count),
    }
    const started = performance.now()
    const inferred = await inferImages(engine, runnable(stored), images, { executor, threads })
    if (performance.now() - started < (pieceSeconds * 1000) / 2) atOnce *= 2
    from += count
    yield { images, inferred }
  }
}

async function imageNames(source: ImageSource, positions: readonly number[]): Promise<string[]> {
  if (source.folder !== null) {
    const files = filesOf(source.folder)
    return positions.map((i) => relative(source.source, files[i] as string).replaceAll('\\', '/'))
  }
  const { classes, images } = await readDigits()
  return positions.map((i) => `${classes[images.labels[i] as number]}/${String(i).padStart(5, '0')}.png`)
}

/** Without the images that were lost between listing and reading (label −1). */
function onlyLabelled(all: EvaluatedImages): EvaluatedImages {
  const kept = Array.from(all.labels.keys()).filter((i) => (all.labels[i] as number) >= 0)
  if (kept.length === all.labels.length) return all
  const width = all.classes.length
  const probabilities = new Float32Array(kept.length * width)
  kept.forEach((from, to) =>
    probabilities.set(all.probabilities.subarray(from * width, (from + 1) * width), to * width),
  )
  const labels = Int32Array.from(kept, (i) => all.labels[i] as number)
  return { ...all, labels, probabilities, files: kept.map((i) => all.files[i] as string) }
}
