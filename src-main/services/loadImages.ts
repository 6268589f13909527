import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { ImageSet, ImageStream, Normalisation, Pixels } from '#shared/engine/tensors'
import { InterlockError } from '#shared/issues/errors'
import type { DataSettings } from '#shared/project/schema'
import type { RunSplit } from '#shared/training/runState'
import { isHeldOutDigit, readDigits } from '../storage/digits'
import { fitPixels, imageBytes, imageLength, type ImageTarget } from '../storage/fitPixels'
import {
  gatherImages,
  type GatheredImages,
  type GatherOptions,
  type GatherReport,
  type ImageStore,
} from '../storage/gatherImages'
import { normalisationOf, sumBands, type BandSums } from '../storage/measureNormalisation'
import { allocate, bytesOf } from '../storage/pixelMemory'
import { filesOf } from '../storage/imageFolder'
import { permuteImages } from '../storage/permuteImages'
import type { SplitIndices } from '../storage/split'
import { describeSplit } from './describeSplit'
import { dealClass, type SplitSettings } from './imageSplit'
import { requireClasses, type ImageSource } from './imageSource'

export interface TrainingImages {
  classes: readonly string[]
  /** Training images of each class. */
  counts: readonly number[]
  training: ImageSet | ImageStream
  validation: ImageSet | ImageStream
  normalisation: Normalisation
  /** Null for the digits, which are not decoded. Counts go on while images are read ahead. */
  report: GatherReport | null
  /** Images are read ahead of the training, since they do not fit into memory. */
  streamed: boolean
  split: RunSplit
  /** Ends what reads them ahead. */
  close(): Promise<void>
}

export interface LoadOptions extends GatherOptions {
  images: ImageStore
}

/**
 * Decodes a project's images and splits them. With other images to validate on, all of `source` but its test part is trained on and
 * all of the others are validated on. Files that cannot be read are skipped (`options.onSkipped`). What does not fit into memory
 * is read ahead of a training with batches of `batchSize`.
 * Throws DATA_NO_USABLE_IMAGE, DATA_TOO_LITTLE, IMAGES_EXCEED_MEMORY, or the abort reason.
 */
export async function loadTrainingImages(
  source: ImageSource,
  target: ImageTarget,
  data: DataSettings,
  batchSize: number,
  options: LoadOptions,
): Promise<TrainingImages> {
  const classes = source.classes.map(({ name }) => name)
  const opened: GatheredImages[] = []
  const close = async (): Promise<void> => {
    for (const gathered of opened) await gathered.close()
  }
  try {
    const decoded = await decodeSource(source, target, options, options.images.memory)
    if (decoded.gathered !== null) opened.push(decoded.gathered)
    const parts = splitSource(source, decoded, data)
    let validation: ImageSet | ImageStream | null = null
    requireParts(source, decoded, parts)
    if (source.validation !== null) {
      const room = Math.max(0, options.images.memory - (decoded.pixels?.byteLength ?? 0))
      const own = await decodeSource(source.validation, target, options, room)
      if (own.gathered !== null) opened.push(own.gathered)
      toClasses(source.validation, own, classes)
      const wanted = wantedLabelled(source.validation, own, usualPart(source.validation, null))
      parts.validation = [...wanted]
      validation = setsOf(own, target, [wanted], batchSize)[0] as ImageSet | ImageStream
    }
    const { channels, numbers = 'uint8' } = target
    const sums = sumsAt(decoded, target, parts.training)
    const normalisation = normalisationOf(sums, channels, numbers, data)
    const wanted = validation === null ? [parts.training, parts.validation] : [parts.training]
    const [training, ownValidation] = setsOf(decoded, target, wanted, batchSize)
    validation ??= ownValidation ?? null
    if (training === undefined || validation === null) throw new Error('a split has two parts')
    const streamed = 'ring' in training || 'ring' in validation
    const report = decoded.gathered?.report ?? null
    const counts = classes.map(() => 0)
    for (const label of labelsAt(decoded, parts.training)) counts[label]! += 1
    const split = describeSplit(source, parts, data)
    return { classes, counts, training, validation, normalisation, report, streamed, split, close }
  } catch (thrown) {
    await close()
    throw thrown
  }
}

/** Which of a source's images are compared with a model: a part of its split, or all. */
export type LabelledPart = 'validation' | 'test' | 'all'

/** The part that says most of a model, where nobody chose one: what was kept for the end, or everything; digits held out. */
export function usualPart(source: ImageSource, split: SplitSettings | null): LabelledPart {
  if (source.folder === null) return 'validation'
  if (source.fallback !== undefined) return 'all'
  return source.split.given.test || (split?.testSplit ?? 0) > 0 ? 'test' : 'all'
}

/** Images to be compared with their labels, a part of them at a time where they do not fit into memory. */
export interface LabelledImages {
  /** Places of the images among the source's files (or the digits), in the order in which `parts` brings them. */
  positions: readonly number[]
  /** Each is to be done with before the next is asked for: they may share their memory. */
  parts(): AsyncGenerator<ImageSet>
}

/**
 * An evaluation looks at every image once. So many bytes of them are decoded into memory as a whole; of more, the second number is
 * in memory at a time, read from the cache.
 */
const labelledRoom = 256 * 2 ** 20
const labelledAtOnce = 32 * 2 ** 20

/**
 * Decodes images to be compared with their labels, which count in `classes`: what a training with this split held out as
 * `part`, or everything. Digits have a validation part of their own. Throws as {@link loadTrainingImages}.
 */
export async function loadLabelledImages(
  source: ImageSource,
  classes: readonly string[],
  target: ImageTarget,
  options: LoadOptions,
  part: LabelledPart,
  split: SplitSettings | null = null,
): Promise<LabelledImages> {
  requireClasses(source, classes, 'the model')
  const { memory } = options.images
  const decoded = await decodeSource(source, target, options, Math.min(memory, labelledRoom))
  toClasses(source, decoded, classes)
  const wanted = wantedLabelled(source, decoded, part, split)
  async function* parts(): AsyncGenerator<ImageSet> {
    const { gathered } = decoded
    try {
      if (decoded.pixels !== null || gathered === null) {
        yield setsOf(decoded, target, [wanted], 1)[0] as ImageSet
        return
      }
      const atOnce = Math.max(1, Math.floor(Math.min(memory, labelledAtOnce) / imageBytes(target)))
      // One piece of memory for all: shared memory is given back late.
      const room = allocate(Math.min(atOnce, wanted.length) * imageLength(target), target.numbers)
      for (let from = 0; from < wanted.length; from += atOnce) {
        const positions = wanted.slice(from, from + atOnce)
        yield await gathered.read(positions, labelsAt(decoded, positions), room)
      }
    } finally {
      await gathered?.close()
    }
  }
  return { positions: wanted, parts }
}

/** Which images of a source are evaluated. */
function wantedLabelled(
  source: ImageSource,
  decoded: DecodedSource,
  part: LabelledPart,
  split: SplitSettings | null = null,
): readonly number[] {
  if (part === 'all') return decoded.usable.flat()
  return splitSource(source, decoded, split ?? plainSplit)[part]
}

const plainSplit: SplitSettings = { validationSplit: 0, splitSeed: 0 }

interface DecodedSource {
  /** Null where they are not in memory as a whole. */
  pixels: Pixels | null
  labels: Int32Array
  /** Positions of the images that could be read, class by class. */
  usable: readonly (readonly number[])[]
  /** Null for the digits. */
  gathered: GatheredImages | null
}

async function decodeSource(
  source: ImageSource,
  target: ImageTarget,
  options: LoadOptions,
  room: number,
): Promise<DecodedSource> {
  const { folder } = source
  if (folder === null) return decodeDigits(target, options)
  for (const skipped of source.skipped) options.onSkipped?.(skipped)
  const files = filesOf(folder)
  const labels = Int32Array.from(folder.classes.flatMap(({ files }, label) => files.map(() => label)))
  const problems = new Map<string, string>()
  const gathered = await gatherImages(
    options.images,
    { folder: folder.folder, files },
    target,
    {
      ...options,
      onSkipped(skipped) {
        problems.set(skipped.file, skipped.reason)
        options.onSkipped?.(skipped)
      },
    },
    room,
  )
  const usable: number[][] = folder.classes.map(() => [])
  labels.forEach((label, i) => gathered.sums[i] !== null && usable[label]?.push(i))
  for (const [label, { name, files: own }] of folder.classes.entries()) {
    if (usable[label]?.length !== 0) continue
    await gathered.close()
    const problem = problems.get(join(folder.folder, own[0] ?? '')) ?? 'unknown'
    const details = { count: own.length, className: name, folder: folder.folder, problem }
    throw new InterlockError('DATA_NO_USABLE_IMAGE', details)
  }
  return { pixels: gathered.pixels, labels, usable, gathered }
}

/** Labels that count in other classes than the source's own. */
function toClasses(source: ImageSource, decoded: DecodedSource, classes: readonly string[]): void {
  const toModel = source.classes.map(({ name }) => classes.indexOf(name))
  decoded.labels = decoded.labels.map((label) => toModel[label] ?? -1)
}

function labelsAt({ labels }: DecodedSource, positions: readonly number[]): Int32Array {
  return Int32Array.from(positions, (i) => labels[i] as number)
}

/** What is known of the values of some of the images. */
function sumsAt(decoded: DecodedSource, target: ImageTarget, positions: readonly number[]): BandSums[] {
  const { gathered, pixels } = decoded
  if (gathered !== null) return positions.flatMap((i) => gathered.sums[i] ?? [])
  const size = imageLength(target)
  return positions.map((i) => sumBands(pixels!.subarray(i * size, (i + 1) * size), target.channels))
}

async function decodeDigits(target: ImageTarget, options: GatherOptions): Promise<DecodedSource> {
  const { images, classes } = await readDigits()
  const { count, height, width } = images
  const size = imageLength(target)
  const pixels = allocate(count * size)
  for (let i = 0; i < count; i++) {
    const digit = images.pixels.subarray(i * height * width, (i + 1) * height * width)
    pixels.set(fitPixels(digit, { height, width, channels: 1 }, target), i * size)
    // Now and then others get a turn: a stop, a window that asks.
    if (i % 500 !== 499) continue
    options.onProgress?.(i + 1, count)
    await setImmediate()
    options.signal?.throwIfAborted()
  }
  const usable: number[][] = classes.map(() => [])
  images.labels.forEach((label, i) => usable[label]?.push(i))
  return { pixels, labels: images.labels, usable, gathered: null }
}

/**
 * Positions of a source's usable images by part, class by class. Digits are split by their position. What is left out is dealt with the
 * others and then dropped: so no other image changes its part.
 */
function splitSource(source: ImageSource, decoded: DecodedSource, settings: SplitSettings): SplitIndices {
  const parts: SplitIndices = { training: [], validation: [], test: [] }
  // Positions count over all classes, those of a class from its first file.
  let first = 0
  for (const [label, own] of decoded.usable.entries()) {
    if (source.folder === null) {
      for (const i of own) (isHeldOutDigit(i) ? parts.validation : parts.training).push(i)
      continue
    }
    const dealt = dealClass(
      source.split,
      label,
      own.map((i) => i - first),
      settings,
    )
    for (const part of ['training', 'validation', 'test'] as const)
      for (const i of dealt[part]) if (!source.excluded.has(first + i)) parts[part].push(first + i)
    first += source.classes[label]?.count ?? 0
  }
  return parts
}

/** The parts as the engine takes them: over one shared buffer that is reordered in place, or to be read ahead. */
function setsOf(
  decoded: DecodedSource,
  target: ImageTarget,
  parts: readonly (readonly number[])[],
  batchSize: number,
): (ImageSet | ImageStream)[] {
  const { height, width, channels } = target
  const { pixels, gathered } = decoded
  if (pixels === null) {
    if (gathered === null) throw new Error('images are in memory or can be read')
    return parts.map((part) => gathered.stream(part, labelsAt(decoded, part), batchSize))
  }
  const size = imageLength(target)
  const chosen = new Set(parts.flat())
  const rest = Array.from(decoded.labels.keys()).filter((i) => !chosen.has(i))
  permuteImages(bytesOf(pixels), imageBytes(target), [...parts.flat(), ...rest])
  let start = 0
  return parts.map((part) => {
    const own = pixels.subarray(start * size, (start + part.length) * size)
    start += part.length
    return { count: part.length, height, width, channels, pixels: own, labels: labelsAt(decoded, part) }
  })
}

/** Every class needs an image to train on; chance also gives each one to validate, otherwise any will do. */
function requireParts(source: ImageSource, decoded: DecodedSource, parts: SplitIndices): void {
  const trained = new Set(labelsAt(decoded, parts.training))
  source.classes.forEach(({ name }, label) => {
    const count = decoded.usable[label]?.length ?? 0
    if (source.split.by === 'seed' && source.validation === null && count < 2)
      throw new InterlockError('DATA_TOO_LITTLE', { className: name, count })
    const why = `of its ${count} usable images none is meant for that`
    if (!trained.has(label)) throw new InterlockError('DATA_NOT_TRAINED', { className: name, why })
  })
  const why = `the split by ${source.split.by} leaves none`
  if (source.validation === null && parts.validation.length === 0)
    throw new InterlockError('DATA_NO_VALIDATION', { why })
}
