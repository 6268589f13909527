import { numbersOf, type ImageFacts } from '#shared/data/imageFacts'
import { measuredSide } from '#shared/data/survey'
import type { Pixels } from '#shared/engine/tensors'
import { newNotes, type DecodeNotes } from '../decodeImage'
import type { ImageTarget } from '../fitPixels'
import { measurePixels, type PixelMeasures } from './measurePixels'

/** What a survey knows of one image file. */
export interface ImageSurvey extends PixelMeasures {
  width: number
  height: number
  /** Names the file gives its bands; null where it gives none. */
  names: readonly string[] | null
  /** Pixels that were measured: all, or those of a copy reduced to `measuredSide`. */
  pixels: number
  /** Largest value of a picture; null for values that are no picture. */
  scale: number | null
  warnings: string[]
}

/** With the file's content. */
export interface SurveyedImage {
  hash: string
  survey: ImageSurvey
}

/** An image whose bytes are there, in one file or in a file for each band. Both throw as `decodeImage`. */
export interface ReadableImage {
  facts(): Promise<ImageFacts>
  decode(target: ImageTarget, notes?: DecodeNotes): Promise<Pixels>
}

/** Measures an image. Throws as `decodeImage`. */
export async function surveyImage(image: ReadableImage): Promise<ImageSurvey> {
  const facts = await image.facts()
  const { width, height, bands, names } = facts
  const size = reducedSize(facts, measuredSide)
  const numbers = numbersOf(facts)
  const notes = newNotes()
  const pixels = await image.decode({ ...size, channels: bands, resize: 'stretch', numbers }, notes)
  const scale = facts.kind === 'raster' ? null : numbers === 'uint16' ? 65_535 : 255
  const measures = measurePixels(pixels, { ...size, channels: bands }, scale)
  return {
    ...measures,
    width,
    height,
    names,
    pixels: size.width * size.height,
    scale,
    warnings: [...notes.warnings],
  }
}

/** The size of an image that is to be no larger than `side`, with its ratio of sides kept. */
export function reducedSize(
  { width, height }: { width: number; height: number },
  side: number,
): { width: number; height: number } {
  const factor = Math.min(1, side / Math.max(width, height))
  const scaled = (length: number) => Math.max(1, Math.round(length * factor))
  return { width: scaled(width), height: scaled(height) }
}
