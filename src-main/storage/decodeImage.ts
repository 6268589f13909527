import sharp, { type Sharp } from 'sharp'
import { neededBands } from '#shared/data/bandChoice'
import { holds, numbersOf, type ImageFacts, type NumberType } from '#shared/data/imageFacts'
import type { Pixels } from '#shared/engine/tensors'
import { InterlockError } from '#shared/issues/errors'
import { decodeBmp, readBmpHeader } from './decodeBmp'
import { combineBands } from './combineBands'
import {
  convertBands,
  fitPixels,
  innerSize,
  placeImage,
  resizePixels,
  type ImageTarget,
  type Size,
} from './fitPixels'
import { resampleImage } from './resampleImage'
import { imageFormat, imageFormatNames, type ImageFormat } from './imageFormat'
import { openTiff, type OpenTiff } from './readTiff'

/** Larger images are refused before they are decoded: 2^27 pixels, 400 MB as RGB. */
const maxPixels = 2 ** 27

// Decoded images are used once; a pool of our own keeps the processor busy (`decodeImages`).
sharp.cache(false)
sharp.concurrency(1)

/**
 * Decodes an image file's bytes into `[height][width][channels]` numbers of the target's type.
 *
 * Pictures: EXIF orientation applied, alpha over black, first frame of animations, embedded colour profiles not applied and CMYK
 * as plain inks (as in Pillow and torchvision). One channel is ITU-R BT.601 grey of the gamma-coded values; three are red, green,
 * blue. Their values are shares of full scale: 16 bits are reduced to their upper 8 where bytes are asked for, and a byte of 255
 * is 65535 among 16 bits.
 *
 * Rasters: values as they are in the file, no data as NaN. They are never changed to fit a narrower type.
 *
 * Throws IMAGE_UNREADABLE with the reason, or IMAGE_JPEG_2000; `file` only serves the message.
 */
export async function decodeImage(
  file: string,
  bytes: Buffer,
  target: ImageTarget,
  notes: DecodeNotes = newNotes(),
): Promise<Pixels> {
  try {
    const opened = await openImage(file, bytes, notes)
    if (opened.kind === 'raster') {
      notes.size = opened.tiff.facts
      return await withConsole(notes, () => decodeRaster(opened.tiff, target))
    }
    notes.size = (await opened.image.metadata()).autoOrient
    return await decodePicture(opened.image, target)
  } catch (thrown) {
    throw imageError(file, thrown)
  }
}

/** What is learnt of a file while it is decoded. */
export interface DecodeNotes {
  /** Its size as a person sees it; null before it is known. */
  size: Size | null
  /** What decoders complained of, though they could read it. */
  warnings: Set<string>
}

export function newNotes(): DecodeNotes {
  return { size: null, warnings: new Set() }
}

/** libvips tells the same several times, and how many times. */
function noteWarnings({ warnings }: DecodeNotes, text: string): void {
  for (const line of text.split('\n')) {
    const words = line.replace(/^vips\w*: /i, '').trim()
    if (words !== '' && !/^read gave \d+ warnings?$|^error in tile /.test(words)) warnings.add(words)
  }
}

/** `geotiff` complains on the console. A decoder does one thing after the other, so what it says meanwhile is of this file. */
async function withConsole<T>(notes: DecodeNotes, work: () => Promise<T>): Promise<T> {
  const { warn } = console
  console.warn = (...words: unknown[]) => noteWarnings(notes, words.join(' '))
  try {
    return await work()
  } finally {
    console.warn = warn
  }
}

/** Reads only the header; `bytes` may be no more than the beginning that holds it. Throws as {@link decodeImage}. */
export async function readImageFacts(file: string, bytes: Buffer): Promise<ImageFacts> {
  try {
    const format = knownFormat(file, bytes)
    if (format === 'tiff') return (await openTiff(bytes)).facts
    if (format === 'bmp') {
      const { width, height } = readBmpHeader(bytes, maxPixels)
      return pictureFacts({ width, height, bands: 3, numbers: 'uint8' })
    }
    const {
      autoOrient: size,
      channels,
      hasAlpha,
      space,
      depth,
    } = await openPicture(bytes, newNotes()).metadata()
    const bands = space === 'cmyk' ? 3 : channels - (hasAlpha ? 1 : 0)
    return pictureFacts({ ...size, bands, numbers: depth === 'ushort' ? 'uint16' : 'uint8' })
  } catch (thrown) {
    throw imageError(file, thrown)
  }
}

function pictureFacts(own: Pick<ImageFacts, 'width' | 'height' | 'bands' | 'numbers'>): ImageFacts {
  const { width, height, bands, numbers } = own
  return { width, height, bands, kind: 'picture', numbers, names: null, noData: null, geo: null }
}

type Opened = { kind: 'picture'; image: Sharp } | { kind: 'raster'; tiff: OpenTiff }

async function openImage(file: string, bytes: Buffer, notes: DecodeNotes): Promise<Opened> {
  const format = knownFormat(file, bytes)
  const tiff = format === 'tiff' ? await openTiff(bytes) : null
  if (tiff?.facts.kind === 'raster') return { kind: 'raster', tiff }
  if (format !== 'bmp') return { kind: 'picture', image: openPicture(bytes, notes) }
  const { data, width, height } = decodeBmp(bytes, maxPixels)
  return { kind: 'picture', image: sharp(data, { raw: { width, height, channels: 3 } }) }
}

/** Throws for what is empty or of another format, and for JPEG 2000. */
function knownFormat(file: string, bytes: Buffer): ImageFormat {
  if (bytes.length === 0) throw new Error('the file is empty (0 bytes)')
  const format = imageFormat(bytes)
  if (format === null) throw new Error(`its content is not a ${imageFormatNames} image`)
  if (format === 'jp2') throw jpeg2000(file)
  return format
}

function openPicture(bytes: Buffer, notes: DecodeNotes): Sharp {
  const image = sharp(bytes, {
    failOn: 'error',
    limitInputPixels: maxPixels,
    pages: 1,
    ignoreIcc: true,
    autoOrient: true,
  })
  return image.on('warning', (text: string) => noteWarnings(notes, text))
}

async function decodeRaster({ facts, read }: OpenTiff, target: ImageTarget): Promise<Pixels> {
  const { numbers = 'uint8', channels } = target
  if (!holds(numbers, numbersOf(facts))) throw new Error(wrongNumbers(facts, numbers))
  const choice = target.bands ?? null
  if (choice === null) {
    requireBands(facts.bands, channels)
    const raster = await read(Array.from({ length: facts.bands }, (_, i) => i))
    return fitPixels(widen(raster.pixels, numbers), raster, target)
  }
  const places = placesOf(choice.stored, facts)
  const needed = neededBands(choice)
  const raster = await read(needed.map((position) => places[position] as number))
  return combineBands(resizePixels(widen(raster.pixels, numbers), raster, target), needed, choice)
}

/** Where a file has each of the stored bands: as it names them, where it names the very same ones; else in their order. */
export function placesOf(stored: readonly string[], { bands, names }: ImageFacts): number[] {
  if (bands !== stored.length)
    throw new Error(`it has ${bands} ${bands === 1 ? 'band' : 'bands'}, the images have ${stored.length}`)
  const named = names !== null && stored.every((name) => names.includes(name))
  return stored.map((name, i) => (named ? names.indexOf(name) : i))
}

async function decodePicture(image: Sharp, target: ImageTarget): Promise<Pixels> {
  const { numbers = 'uint8' } = target
  const { channels, hasAlpha, space, depth } = await image.metadata()
  if (space === 'cmyk') return decodePicture(await cmykAsColour(image), target)
  const choice = target.bands ?? null
  if (choice !== null) {
    const all = await decodePicture(image, { ...target, channels: choice.stored.length, bands: null })
    return combineBands(
      all,
      choice.stored.map((_, i) => i),
      choice,
    )
  }
  requireBands(channels - (hasAlpha ? 1 : 0), target.channels)
  if (numbers === 'uint8') return resizeAndConvert(image, target)
  if (depth !== 'ushort') {
    const bytes = await resizeAndConvert(image, target)
    return numbers === 'uint16' ? Uint16Array.from(bytes, (byte) => byte * 257) : Float32Array.from(bytes)
  }
  const { data, info } = await image
    .flatten({ background: '#000' })
    .toColourspace(channels < 3 ? 'grey16' : 'rgb16')
    .raw({ depth: 'ushort' })
    .toBuffer({ resolveWithObject: true })
  const pixels = new Uint16Array(Uint8Array.from(data).buffer)
  return fitPixels(widen(pixels, numbers), info, target)
}

/**
 * Inks as light, without a printer's profile, bit for bit as Pillow's `convert('RGB')` (and so torchvision) does:
 * 255 − k − c·(255 − k) / 255, rounded.
 */
async function cmykAsColour(image: Sharp): Promise<Sharp> {
  const { data: inks, info } = await image
    .pipelineColourspace('cmyk')
    .toColourspace('cmyk')
    .raw()
    .toBuffer({ resolveWithObject: true })
  const { width, height } = info
  const light = new Uint8Array(width * height * 3)
  for (let i = 0; i < light.length; i++) {
    const pixel = Math.floor(i / 3) * 4
    const left = 255 - (inks[pixel + 3] ?? 0)
    const product = (inks[pixel + (i % 3)] ?? 0) * left + 128
    light[i] = left - ((product + (product >> 8)) >> 8)
  }
  return sharp(light, { raw: { width, height, channels: 3 } })
}

/** Pictures and rasters of one or three bands serve as grey and as colour; others must have what is asked for. */
function requireBands(found: number, wanted: number): void {
  const convertible = (bands: number) => bands === 1 || bands === 3
  if (found === wanted || (convertible(found) && convertible(wanted))) return
  throw new Error(`it has ${found} ${found === 1 ? 'band' : 'bands'}, the network asks for ${wanted}`)
}

function wrongNumbers({ numbers, noData }: ImageFacts, wanted: NumberType): string {
  const own = noData === null ? `${numbers} numbers` : `a value for no data (${noData})`
  return `it has ${own}, while the images are read as ${wanted}`
}

/** The same values in a type that holds them. */
export function widen(pixels: Pixels, numbers: NumberType): Pixels {
  if (numbers === 'float32') return pixels instanceof Float32Array ? pixels : Float32Array.from(pixels)
  if (numbers === 'uint16') return pixels instanceof Uint16Array ? pixels : Uint16Array.from(pixels)
  return pixels
}

function jpeg2000(file: string): InterlockError {
  const problem = `it is JPEG 2000; convert it with: gdal_translate "${file}" "${file.replace(/\.[^./\\]*$/, '')}.tif"`
  return new InterlockError('IMAGE_JPEG_2000', { file, problem })
}

/** Reduces in libvips, where decoding is; what is to be larger than the file is enlarged here (libvips shifts it). */
async function resizeAndConvert(image: Sharp, target: ImageTarget): Promise<Uint8Array> {
  const { autoOrient: size } = await image.metadata()
  const inner = innerSize(size, target)
  const reduced = { width: Math.min(size.width, inner.width), height: Math.min(size.height, inner.height) }
  const { data, info } = await image
    .flatten({ background: '#000' })
    .resize(reduced.width, reduced.height, { fit: 'fill', kernel: 'linear', fastShrinkOnLoad: false })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
  const { channels } = info
  const same = reduced.width === inner.width && reduced.height === inner.height
  const resized = same ? data : resampleImage(data, { ...reduced, channels }, inner)
  return convertBands(placeImage(resized, inner, target, channels), channels, target.channels)
}

export function imageError(file: string, thrown: unknown): InterlockError {
  if (thrown instanceof InterlockError) return thrown
  const problem = plainProblem(thrown instanceof Error ? thrown.message : String(thrown))
  return new InterlockError('IMAGE_UNREADABLE', { file, problem }, { cause: thrown })
}

/** The decoders' own words, with the common cases said plainly first. */
function plainProblem(message: string): string {
  const words = message.replace(/\s+/g, ' ').trim()
  if (/premature end|unexpected end|read error|truncated|not enough data|end of file/i.test(words)) {
    return words.startsWith('the file is truncated') ? words : `the file is truncated or damaged (${words})`
  }
  // libvips keeps its messages in one place for all threads; now and then another file's decoding has taken it.
  if (words === '' || /^unknown error$/i.test(words)) return 'the file is truncated or damaged'
  if (/exceeds pixel limit/i.test(words)) return `it has more than ${maxPixels} pixels`
  return words
}
