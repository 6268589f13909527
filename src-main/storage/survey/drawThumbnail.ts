import sharp from 'sharp'
import { decodeImage, readImageFacts } from '../decodeImage'
import { reducedSize } from './surveyImage'

/** What a small picture is to be. */
export interface ThumbnailTarget {
  /** Its longer side, at most; small images keep their size. */
  side: number
  /** Positions of the bands shown as red, green and blue; the first where one is not there. */
  bands: readonly [number, number, number]
}

export interface Thumbnail {
  /** WebP. */
  image: Uint8Array
  /** Of the file, as a person sees it. */
  width: number
  height: number
  bands: number
}

/** Draws an image file's bytes small. Throws IMAGE_UNREADABLE; `file` only serves the message. */
export async function drawThumbnail(
  file: string,
  bytes: Buffer,
  target: ThumbnailTarget,
): Promise<Thumbnail> {
  const { width, height, bands } = await readImageFacts(file, bytes)
  const size = reducedSize({ width, height }, target.side)
  const channels = bands === 1 ? 1 : 3
  const pixels = await decodeImage(file, bytes, { ...size, channels, resize: 'stretch' })
  const image = await encodeThumbnail(pixels, size, channels)
  return { image, width, height, bands }
}

/** Pixels up to which a picture loses nothing: each of them is seen large. */
const losslessUpTo = 64 * 64

/** WebP of bytes `[height][width][channels]`. */
export function encodeThumbnail(
  pixels: Uint8Array,
  { width, height }: { width: number; height: number },
  channels: 1 | 3,
): Promise<Uint8Array> {
  const lossless = width * height <= losslessUpTo
  return sharp(pixels, { raw: { width, height, channels } })
    .webp({ lossless, quality: 85, effort: 0 })
    .toBuffer()
}
