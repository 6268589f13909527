import sharp, { type Sharp } from 'sharp'
import { InterlockError } from '#shared/issues/errors'
import { decodeBmp } from './decodeBmp'
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
 * The resampling filter, as recorded in model files: triangle (bilinear) whose support grows with the reduction, pixel
 * centres aligned: what torchvision's `Resize` does with antialiasing and Pillow with `BILINEAR`.
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

const fits = { stretch: 'fill', crop: 'cover', pad: 'contain' } as const

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
export async function resizePixels(
  pixels: Uint8Array,
  size: { height: number; width: number; channels: 1 | 3 },
  target: ImageTarget,
): Promise<Uint8Array> {
  return resizeAndConvert(sharp(pixels, { raw: size }), target)
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

async function resizeAndConvert(image: Sharp, target: ImageTarget): Promise<Uint8Array> {
  const { data, info } = await image
    .flatten({ background: '#000' })
    .resize(target.width, target.height, {
      fit: fits[target.resize],
      kernel: 'linear',
      background: '#000',
      fastShrinkOnLoad: false,
    })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
  return convertBands(data, info.channels, target.channels)
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
  if (/exceeds pixel limit/i.test(words)) return `it has more than ${maxPixels} pixels`
  return words
}
