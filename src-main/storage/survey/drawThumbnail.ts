import sharp from 'sharp'
import { numbersOf } from '#shared/data/imageFacts'
import type { Pixels } from '#shared/engine/tensors'
import { reducedSize, type ReadableImage } from './surveyImage'

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

/** Draws an image small. Throws as `decodeImage`. */
export async function drawThumbnail(source: ReadableImage, target: ThumbnailTarget): Promise<Thumbnail> {
  const facts = await source.facts()
  const { width, height, bands, kind } = facts
  const size = reducedSize(facts, target.side)
  if (kind === 'picture') {
    const channels = bands === 1 ? 1 : 3
    const pixels = await source.decode({ ...size, channels, resize: 'stretch' })
    const image = await encodeThumbnail(pixels as Uint8Array, size, channels)
    return { image, width, height, bands }
  }
  const numbers = numbersOf(facts)
  const values = await source.decode({ ...size, channels: bands, resize: 'stretch', numbers })
  const shown = bands < 3 ? [0] : target.bands.map((band) => Math.min(band, bands - 1))
  const image = await encodeThumbnail(composite(values, bands, shown), size, bands < 3 ? 1 : 3)
  return { image, width, height, bands }
}

/** Shares of the values that are black, and not yet white: a few outliers would leave no contrast to the rest. */
const stretchFrom = 0.02
const stretchTo = 0.98

/**
 * Some bands of `[pixels][bands]` as bytes: of each, what lies between the 2nd and the 98th percentile of the values that are there goes from
 * black to white. What is not there is black.
 */
export function composite(values: Pixels, bands: number, shown: readonly number[]): Uint8Array {
  const result = new Uint8Array((values.length / bands) * shown.length)
  shown.forEach((band, at) => {
    const own = Float64Array.from(
      { length: values.length / bands },
      (_, i) => values[i * bands + band] as number,
    )
    const sorted = own.filter(Number.isFinite).sort()
    const low = sorted[Math.floor((sorted.length - 1) * stretchFrom)] ?? 0
    const high = sorted[Math.ceil((sorted.length - 1) * stretchTo)] ?? 0
    const perValue = high > low ? 255 / (high - low) : 0
    own.forEach((value, i) => {
      const byte = perValue === 0 ? 128 : (value - low) * perValue
      result[i * shown.length + at] = Number.isFinite(value)
        ? Math.max(0, Math.min(255, Math.round(byte)))
        : 0
    })
  })
  return result
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
