/** Small pictures of images for people to look at. */
import { numbersOf } from '#shared/data/imageFacts'
import type { Pixels } from '#shared/engine/tensors'
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
  const shown = shownBands(bands, names).map((band) => stretched(pixels, band, bands))
  const channels = shown.length === 3 ? 3 : 1
  const picture = new Uint8Array(side * side * channels)
  shown.forEach((values, c) => values.forEach((value, i) => (picture[i * channels + c] = value)))
  return encodePng(picture, side, side, channels)
}

/** Red, green and blue of Sentinel-2 where bands have its names, else the first three, or the first. */
export function shownBands(bands: number, names: readonly string[] | null): number[] {
  const named = ['4', '3', '2'].map(
    (n) => names?.findIndex((name) => new RegExp(`^B0?${n}$`, 'i').test(name)) ?? -1,
  )
  if (named.every((band) => band >= 0)) return named
  return bands >= 3 ? [0, 1, 2] : [0]
}

/** A band as bytes; no data is black. */
export function stretched(pixels: Pixels, band: number, bands: number): Uint8Array {
  const values = Float32Array.from(
    { length: pixels.length / bands },
    (_, i) => pixels[i * bands + band] as number,
  )
  const sorted = values.filter((value) => Number.isFinite(value)).sort()
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? 0
  const [low, high] = [at(0.02), at(0.98)]
  const scale = high > low ? 255 / (high - low) : 0
  return Uint8Array.from(values, (value) => Math.min(255, Math.max(0, (value - low) * scale || 0)))
}

/** A digit as it is. */
export async function digitThumbnail(index: number): Promise<Uint8Array> {
  const { images } = await readDigits()
  const { height, width, pixels } = images
  const size = height * width
  return encodePng(pixels.slice(index * size, (index + 1) * size), width, height, 1)
}
