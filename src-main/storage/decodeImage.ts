import sharp, { type Sharp } from 'sharp'
import { InterlockError } from '#shared/issues/errors'
import { decodeBmp } from './decodeBmp'
import { convertBands, innerSize, placeImage, type ImageTarget } from './fitPixels'
import { resampleImage } from './resampleImage'
import { imageFormat, imageFormatNames } from './imageFormat'

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
