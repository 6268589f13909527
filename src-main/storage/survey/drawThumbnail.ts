import sharp from 'sharp'
import { numbersOf } from '#shared/data/imageFacts'
import { composite } from '../bandPicture'
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
