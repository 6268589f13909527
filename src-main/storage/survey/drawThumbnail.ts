import sharp from 'sharp'
import { bandNames } from '#shared/data/imageFacts'
import { chosenBands, displayBands, type DisplaySettings } from '#shared/data/displayBands'
import { composite } from '../bandPicture'
import { reducedSize, type ReadableImage } from './surveyImage'

/** What a small picture is to be. */
export interface ThumbnailTarget {
  /** Its longer side, at most; small images keep their size. */
  side: number
  display: DisplaySettings
  /** Where it stays: WebP on a screen, PNG in a document. */
  format: 'webp' | 'png'
}

export interface Thumbnail {
  /** In the format asked for. */
  image: Uint8Array
  /** Of the file, as a person sees it. */
  width: number
  height: number
  bands: number
}

/**
 * Draws an image small: pictures as they are, unless the project chose some of their bands; of anything else the chosen or the usual
 * bands, each stretched to what it holds. Throws as `decodeImage`.
 */
export async function drawThumbnail(source: ReadableImage, target: ThumbnailTarget): Promise<Thumbnail> {
  const { side, display, format } = target
  const facts = await source.facts()
  const { width, height, bands, kind, names } = facts
  const size = reducedSize(facts, side)
  const found = names ?? bandNames(bands)
  const choice = kind === 'picture' ? chosenBands(found, display) : displayBands(found, display)
  const channels = (choice?.wanted.length ?? bands) === 1 ? 1 : 3
  const wanted = { ...size, channels, resize: 'stretch' } as const
  const pixels =
    choice === null
      ? ((await source.decode(wanted)) as Uint8Array)
      : composite(await source.decode({ ...wanted, numbers: 'float32', bands: choice }), channels)
  return { image: await encodeThumbnail(pixels, size, channels, format), width, height, bands }
}

/** Pixels up to which a picture loses nothing: each of them is seen large. */
const losslessUpTo = 64 * 64

/** A file of bytes `[height][width][channels]`. */
export function encodeThumbnail(
  pixels: Uint8Array,
  { width, height }: { width: number; height: number },
  channels: 1 | 3,
  format: ThumbnailTarget['format'] = 'webp',
): Promise<Uint8Array> {
  const lossless = width * height <= losslessUpTo
  const image = sharp(pixels, { raw: { width, height, channels } })
  if (format === 'png') return image.png().toBuffer()
  return image.webp({ lossless, quality: 85, effort: 0 }).toBuffer()
}
