/** Small pictures of images for people to look at. */
import { displayOf, type DisplaySettings } from '#shared/data/displayBands'
import { readDigits } from '../storage/digits'
import type { DecodePool } from '../storage/decoding/decodePool'

/** Pixels `[height][width][channels]` as a PNG file. */
export async function encodePng(
  pixels: Uint8Array,
  width: number,
  height: number,
  channels: 1 | 3 | 4,
): Promise<Uint8Array> {
  // Loaded when pictures are shown; a training does without it.
  const { default: sharp } = await import('sharp')
  return sharp(pixels, { raw: { width, height, channels } }).png().toBuffer()
}

/** An image file as PNG, no larger than `side`, with the bands that a project shows. Throws as {@link DecodePool.thumbnail}. */
export async function fileThumbnail(
  pool: DecodePool,
  file: string,
  side: number,
  display: DisplaySettings,
): Promise<Uint8Array> {
  const { image } = await pool.thumbnail(file, { side, display: displayOf(display), format: 'png' })
  return image
}

/** A digit as it is. */
export async function digitThumbnail(index: number): Promise<Uint8Array> {
  const { images } = await readDigits()
  const { height, width, pixels } = images
  const size = height * width
  return encodePng(pixels.slice(index * size, (index + 1) * size), width, height, 1)
}
