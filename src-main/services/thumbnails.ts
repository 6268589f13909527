/** Small pictures of images for people to look at. */
import { numbersOf } from '#shared/data/imageFacts'
import { composite, shownBands } from '../storage/bandPicture'
import { readDigits } from '../storage/digits'
import type { DecodePool } from '../storage/decoding/decodePool'
import { bytesOf } from '../storage/pixelMemory'

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

/**
 * An image file on a square of black; of a raster three bands, or one, each stretched between its 2nd and 98th percentile.
 * Throws as {@link DecodePool.decode}.
 */
export async function fileThumbnail(pool: DecodePool, file: string, side: number): Promise<Uint8Array> {
  const square = { height: side, width: side, resize: 'pad' } as const
  const facts = await pool.facts(file)
  if (facts.kind === 'picture') {
    const { pixels } = await pool.decode(file, { ...square, channels: 3 })
    return encodePng(bytesOf(pixels), side, side, 3)
  }
  const { bands, names } = facts
  const { pixels } = await pool.decode(file, { ...square, channels: bands, numbers: numbersOf(facts) })
  const shown = shownBands(bands, names)
  return encodePng(composite(pixels, bands, shown), side, side, shown.length === 3 ? 3 : 1)
}

/** A digit as it is. */
export async function digitThumbnail(index: number): Promise<Uint8Array> {
  const { images } = await readDigits()
  const { height, width, pixels } = images
  const size = height * width
  return encodePng(pixels.slice(index * size, (index + 1) * size), width, height, 1)
}
