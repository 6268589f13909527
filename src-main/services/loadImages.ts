import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { ImageSet, Normalisation } from '#shared/engine/tensors'
import { InterlockError } from '#shared/issues/errors'
import type { DataSettings } from '#shared/project/schema'
import { decodeImages, allocate, type DecodeOptions } from '../storage/decodeImages'
import { fitPixels, type ImageTarget } from '../storage/decodeImage'
import { isHeldOutDigit, readDigits } from '../storage/digits'
import { measureNormalisation, unitNormalisation } from '../storage/measureNormalisation'
import { permuteImages } from '../storage/permuteImages'
import { splitClass, type SplitIndices } from '../storage/split'
import type { ImageSource } from './imageSource'

export interface TrainingImages {
  classes: readonly string[]
  training: ImageSet
  validation: ImageSet
  normalisation: Normalisation
}

export type SplitSettings = Pick<DataSettings, 'validationSplit' | 'testSplit' | 'splitSeed'>

/**
 * Decodes a project's images and splits them. With a `validationSource`, all of `source` but its test part is trained on and
 * all of the other is validated on. Files that cannot be read are skipped (`options.onSkipped`).
 * Throws DATA_NO_USABLE_IMAGE, DATA_TOO_LITTLE, DATA_CLASSES_DIFFER, IMAGES_EXCEED_MEMORY, or the abort reason.
 */
export async function loadTrainingImages(
  source: ImageSource,
  validationSource: ImageSource | null,
  target: ImageTarget,
  data: DataSettings,
  options: DecodeOptions,
): Promise<TrainingImages> {
  const classes = source.classes.map(({ name }) => name)
  if (validationSource !== null) requireClasses(validationSource, classes, source.source)
  const decoded = await decodeSource(source, target, options)
  const parts = splitSource(source, decoded, {
    validation: validationSource === null ? data.validationSplit : 0,
    test: data.testSplit ?? 0,
    seed: data.splitSeed,
  })
  if (validationSource === null) requirePairs(source, decoded)
  const [training, ownValidation] = partition(decoded, target, [parts.training, parts.validation])
  const validation =
    validationSource === null
      ? ownValidation
      : await loadLabelledImages(validationSource, classes, target, options)
  if (training === undefined || validation === undefined) throw new Error('a split has two parts')
  const normalisation =
    data.normalise === 'unit' ? unitNormalisation(target.channels) : measureNormalisation(training)
  return { classes, training, validation, normalisation }
}

/**
 * Decodes images to be compared with their labels, which count in `classes`: for the digits the 2,000 held out, for a
 * folder everything, or its test part where `split` keeps one. Throws as {@link loadTrainingImages}.
 */
export async function loadLabelledImages(
  source: ImageSource,
  classes: readonly string[],
  target: ImageTarget,
  options: DecodeOptions,
  split: SplitSettings | null = null,
): Promise<ImageSet> {
  requireClasses(source, classes, 'the model')
  const decoded = await decodeSource(source, target, options)
  let wanted: readonly number[]
  if (source.folder === null) {
    wanted = splitSource(source, decoded, { validation: 0.2, test: 0, seed: 0 }).validation
  } else if (split?.testSplit !== undefined && split.testSplit > 0) {
    const fractions = { validation: split.validationSplit, test: split.testSplit, seed: split.splitSeed }
    wanted = splitSource(source, decoded, fractions).test
  } else {
    wanted = splitSource(source, decoded, { validation: 0, test: 0, seed: 0 }).training
  }
  const [images] = partition(decoded, target, [wanted])
  if (images === undefined) throw new Error('one part was asked for')
  const toModel = source.classes.map(({ name }) => classes.indexOf(name))
  images.labels.forEach((label, i) => (images.labels[i] = toModel[label] ?? -1))
  return images
}

interface DecodedSource {
  pixels: Uint8Array
  labels: Int32Array
  /** Positions of the images that could be read, class by class. */
  usable: readonly (readonly number[])[]
}

async function decodeSource(
  source: ImageSource,
  target: ImageTarget,
  options: DecodeOptions,
): Promise<DecodedSource> {
  const { folder } = source
  if (folder === null) return decodeDigits(target, options)
  for (const skipped of source.skipped) options.onSkipped?.(skipped)
  const files = folder.classes.flatMap(({ name, files }) =>
    files.map((file) => join(folder.folder, name, file)),
  )
  const labels = Int32Array.from(folder.classes.flatMap(({ files }, label) => files.map(() => label)))
  const problems = new Map<string, string>()
  const decoded = await decodeImages(files, target, {
    ...options,
    onSkipped(skipped) {
      problems.set(skipped.file, skipped.reason)
      options.onSkipped?.(skipped)
    },
  })
  const usable: number[][] = folder.classes.map(() => [])
  labels.forEach((label, i) => decoded.usable[i] === true && usable[label]?.push(i))
  folder.classes.forEach(({ name, files: own }, label) => {
    if (usable[label]?.length !== 0) return
    const problem = problems.get(join(folder.folder, name, own[0] ?? '')) ?? 'unknown'
    const details = { count: own.length, className: name, folder: folder.folder, problem }
    throw new InterlockError('DATA_NO_USABLE_IMAGE', details)
  })
  return { pixels: decoded.pixels, labels, usable }
}

async function decodeDigits(target: ImageTarget, options: DecodeOptions): Promise<DecodedSource> {
  const { images, classes } = await readDigits()
  const { count, height, width } = images
  const size = target.height * target.width * target.channels
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
  return { pixels, labels: images.labels, usable }
}

/** Positions of a source's usable images by part, class by class. Digits are split by their position. */
function splitSource(
  source: ImageSource,
  decoded: DecodedSource,
  split: { validation: number; test: number; seed: number },
): SplitIndices {
  const parts: SplitIndices = { training: [], validation: [], test: [] }
  for (const own of decoded.usable) {
    if (source.folder === null) {
      for (const i of own) (isHeldOutDigit(i) ? parts.validation : parts.training).push(i)
      continue
    }
    const classParts = splitClass(own.length, split, split.seed)
    for (const part of ['training', 'validation', 'test'] as const) {
      parts[part].push(...classParts[part].map((i) => own[i] as number))
    }
  }
  return parts
}

/** Image sets over one shared buffer, in the order of the parts; the buffer is reordered in place. */
function partition(
  decoded: DecodedSource,
  target: ImageTarget,
  parts: readonly (readonly number[])[],
): ImageSet[] {
  const { height, width, channels } = target
  const size = height * width * channels
  const chosen = new Set(parts.flat())
  const rest = Array.from(decoded.labels.keys()).filter((i) => !chosen.has(i))
  permuteImages(decoded.pixels, size, [...parts.flat(), ...rest])
  let start = 0
  return parts.map((part) => {
    const pixels = decoded.pixels.subarray(start * size, (start + part.length) * size)
    start += part.length
    const labels = Int32Array.from(part, (i) => decoded.labels[i] as number)
    return { count: part.length, height, width, channels, pixels, labels }
  })
}

/** Every class needs an image to train on and one to validate on. */
function requirePairs(source: ImageSource, decoded: DecodedSource): void {
  source.classes.forEach(({ name }, label) => {
    const count = decoded.usable[label]?.length ?? 0
    if (count < 2) throw new InterlockError('DATA_TOO_LITTLE', { className: name, count })
  })
}

function requireClasses(source: ImageSource, classes: readonly string[], other: string): void {
  const unknown = source.classes.map(({ name }) => name).filter((name) => !classes.includes(name))
  if (unknown.length > 0) {
    throw new InterlockError('DATA_CLASSES_DIFFER', {
      folder: source.source,
      found: source.classes.map(({ name }) => name).join(', '),
      other,
      expected: classes.join(', '),
    })
  }
}
