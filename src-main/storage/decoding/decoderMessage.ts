/** What a decoder process is asked and answers. It takes one request after the other, in their order. */
import type { ImageFacts } from '#shared/data/imageFacts'
import type { Pixels } from '#shared/engine/tensors'
import type { InterlockErrorData } from '#shared/issues/errors'
import type { ImageTarget } from '../fitPixels'
import type { BandSums } from '../measureNormalisation'
import type { Thumbnail, ThumbnailTarget } from '../survey/drawThumbnail'
import type { SurveyedImage } from '../survey/surveyImage'

/** An image as it is kept: its pixels, and what is known of them and of the file they came from. */
export interface DecodedImage {
  /** `[height][width][channels]` */
  pixels: Pixels
  /** SHA-256 of the file's bytes, its first 128 bits in hexadecimal. */
  hash: string
  /** CRC-32 of the pixels. */
  check: number
  sums: BandSums
  /** The file's size was another one than the target's. */
  resized: boolean
}

export interface DecoderWork {
  pixels: { target: ImageTarget; result: DecodedImage }
  facts: { target: null; result: ImageFacts }
  hash: { target: null; result: string }
  survey: { target: null; result: SurveyedImage }
  thumbnail: { target: ThumbnailTarget; result: Thumbnail }
}

export type WorkKind = keyof DecoderWork

export interface DecoderRequest<K extends WorkKind = WorkKind> {
  id: number
  kind: K
  file: string
  target: DecoderWork[K]['target']
}

export type DecoderAnswer =
  { id: number; result: DecoderWork[WorkKind]['result'] } | { id: number; error: InterlockErrorData }

/** A process that runs `decoder.js`; what starts one depends on the shell. */
export interface DecoderProcess {
  post(request: DecoderRequest): void
  onAnswer(handler: (answer: DecoderAnswer) => void): void
  /** Called once when the process is gone, with how it ended in words. */
  onExit(handler: (how: string) => void): void
  /** Whether waiting for this process keeps our own alive. */
  setWaiting(waiting: boolean): void
  kill(): void
}
