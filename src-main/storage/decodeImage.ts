import sharp, { type Sharp } from 'sharp'
import { InterlockError } from '#shared/issues/errors'
import { decodeBmp } from './decodeBmp'
import { resampleImage } from './resampleImage'
import { imageFormat, imageFormatNames } from './imageFormat'

/** How an image becomes the input block's size: distorted, centre kept, or black bars added. */
export type ResizeMode = 'stretch' | 'crop' | 'pad'

/** Size and bands the network's input block asks for. */
export interface ImageTarget {
  height: number
  width: number
  channels: number
  resize: ResizeMode
}

/**
 * The resampling filter, as recorded in model files: linear interpolation between pixel centres, widened to a triangle over
 * all pixels it covers where an image is reduced. Torchvision's `Resize` with antialiasing and Pillow's `BILINEAR` do the
 * same; reducing, libvips first averages whole pixels and differs from them by about half a grey level on average.
 */
export const resizeFilter = 'bilinear-antialias'

/** Larger images are refused before they are decoded: 2^27 pixels, 400 MB as RGB. */
const maxPixels = 2 ** 27

// Decoded images are used once; a pool of our own keeps the processor busy (`decodeImages`).
sharp.cache(false)
sharp.concurrency(1)

/** Size and colour of an image as a person sees it (EXIF orientation applied). */
export interface ImageFacts {
  height: number
  width: number
  bands: number
}

/**
 * Decodes an image file's bytes into `[height][width][channels]` bytes: EXIF orientation applied, alpha over black, 16 bits
 * reduced to their upper 8, first frame of animations, embedded colour profiles not applied (as in Pillow and torchvision;
 * CMYK is converted). One channel is ITU-R BT.601 grey of the gamma-coded values; three are red, green, blue.
 * Throws IMAGE_UNREADABLE with the reason, `file` only serving the message.
 */
export async function decodeImage(file: string, bytes: Buffer, target: ImageTarget): Promise<Uint8Array> {
  try {
    return await resizeAndConvert(openImage(bytes), target)
  } catch (thrown) {
    throw imageError(file, thrown)
  }
}

/** As {@link decodeImage}, from pixels in memory, `[height][width][channels]` with 1 or 3 channels. */
export function fitPixels(
  pixels: Uint8Array,
  size: { height: number; width: number; channels: number },
  target: ImageTarget,
): Uint8Array {
  const inner = innerSize(size, target)
  const same = inner.width === size.width && inner.height === size.height
  const resized = same ? pixels : resampleImage(pixels, size, inner)
  return convertBands(placeImage(resized, inner, target, size.channels), size.channels, target.channels)
}

/** Reads only the header. Throws IMAGE_UNREADABLE. */
export async function readImageFacts(file: string, bytes: Buffer): Promise<ImageFacts> {
  try {
    const metadata = await openImage(bytes).metadata()
    const { width, height } = metadata.autoOrient
    const bands = metadata.channels - (metadata.hasAlpha ? 1 : 0)
    return { width, height, bands: metadata.space === 'cmyk' ? 3 : bands }
  } catch (thrown) {
    throw imageError(file, thrown)
  }
}

function openImage(bytes: Buffer): Sharp {
  if (bytes.length === 0) throw new Error('the file is empty (0 bytes)')
  const format = imageFormat(bytes)
  if (format === null) throw new Error(`its content is not a ${imageFormatNames} image`)
  if (format === 'bmp') {
    const { data, width, height } = decodeBmp(bytes, maxPixels)
    return sharp(data, { raw: { width, height, channels: 3 } })
  }
  return sharp(bytes, {
    failOn: 'error',
    limitInputPixels: maxPixels,
    pages: 1,
    ignoreIcc: true,
    autoOrient: true,
  })
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

interface Size {
  width: number
  height: number
}

/** The size an image is resampled to, before it is cropped or gets its bars. */
function innerSize(size: Size, target: ImageTarget): Size {
  if (target.resize === 'stretch') return { width: target.width, height: target.height }
  const factors = [target.width / size.width, target.height / size.height]
  const factor = target.resize === 'crop' ? Math.max(...factors) : Math.min(...factors)
  const scaled = (n: number) => Math.max(1, Math.round(n * factor))
  return { width: scaled(size.width), height: scaled(size.height) }
}

/** Puts an image into the middle of a black one of another size; what reaches beyond is cut off. */
function placeImage(pixels: Uint8Array, from: Size, to: Size, channels: number): Uint8Array {
  if (from.width === to.width && from.height === to.height) return pixels
  const result = new Uint8Array(to.width * to.height * channels)
  const cutLeft = Math.max(0, (from.width - to.width) >> 1)
  const left = Math.max(0, (to.width - from.width) >> 1)
  const rowBytes = Math.min(from.width, to.width) * channels
  for (let y = 0; y < Math.min(from.height, to.height); y++) {
    const source = y + Math.max(0, (from.height - to.height) >> 1)
    const row = y + Math.max(0, (to.height - from.height) >> 1)
    const start = (source * from.width + cutLeft) * channels
    result.set(pixels.subarray(start, start + rowBytes), (row * to.width + left) * channels)
  }
  return result
}

/** `[pixels][from]` to `[pixels][to]` bands, from and to being 1 or 3. */
function convertBands(data: Uint8Array, from: number, to: number): Uint8Array {
  if (from === to) return data
  const pixels = data.length / from
  const result = new Uint8Array(pixels * to)
  if (from === 3 && to === 1) {
    for (let i = 0; i < pixels; i++) {
      result[i] = grey601(data[i * 3] ?? 0, data[i * 3 + 1] ?? 0, data[i * 3 + 2] ?? 0)
    }
  } else if (from === 1) {
    for (let i = 0; i < pixels; i++) result.fill(data[i] ?? 0, i * to, (i + 1) * to)
  } else {
    throw new InterlockError('ARGUMENT_INVALID', { what: 'Input channels', expected: '1 or 3', found: to })
  }
  return result
}

/** ITU-R BT.601 luma 0.299 R + 0.587 G + 0.114 B in 16-bit fixed point, bit for bit as Pillow's `convert('L')`. */
export function grey601(red: number, green: number, blue: number): number {
  return (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16
}

function imageError(file: string, thrown: unknown): InterlockError {
  if (thrown instanceof InterlockError) return thrown
  const problem = plainProblem(thrown instanceof Error ? thrown.message : String(thrown))
  return new InterlockError('IMAGE_UNREADABLE', { file, problem }, { cause: thrown })
}

/** The decoders' own words, with the common cases said plainly first. */
function plainProblem(message: string): string {
  const words = message.replace(/\s+/g, ' ').trim()
  if (/premature end|unexpected end|read error|truncated|not enough data|end of file/i.test(words)) {
    return words === 'the file is truncated' ? words : `the file is truncated or damaged (${words})`
  }
  // libvips keeps its messages in one place for all threads; now and then another file's decoding has taken it.
  if (words === '' || /^unknown error$/i.test(words)) return 'the file is truncated or damaged'
  if (/exceeds pixel limit/i.test(words)) return `it has more than ${maxPixels} pixels`
  return words
}
