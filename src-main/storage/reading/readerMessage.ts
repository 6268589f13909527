/** What the thread that reads decoded images is asked and answers. */
import type { ImageSet } from '#shared/engine/tensors'
import type { EventPort } from '#shared/rpc/channel'

/** Where images lie in the cache, image by image. */
export interface PlaceTable {
  files: readonly string[]
  /** Which of the files; −1: the image is not kept. */
  file: Int32Array
  /** In bytes. */
  offset: Float64Array
  /** CRC-32 of the pixels. */
  check: Uint32Array
}

export type ReaderRequest =
  /** Read every kept image i into place i. */
  | { type: 'fill'; places: PlaceTable; imageBytes: number; pixels: Uint8Array }
  /** Keep a ring filled with what its other end orders. `labels`: of all images. */
  | {
      type: 'stream'
      stream: number
      places: PlaceTable
      labels: Int32Array
      ring: ImageSet
      port: EventPort
    }
  /** A missing image is in the ring now; its label there is −1 where it could not be decoded. */
  | { type: 'brought'; stream: number; position: number; usable: boolean }

export type ReaderAnswer =
  | { type: 'progress'; done: number }
  /** `lost`: images that are not in the cache any more, or damaged there. */
  | { type: 'filled'; lost: readonly LostImage[] }
  /** An image of an order, to be decoded into a place of the ring. */
  | { type: 'missing'; stream: number; position: number; index: number; place: number; damaged: boolean }
  | { type: 'failed'; problem: string }

export interface LostImage {
  index: number
  damaged: boolean
}
