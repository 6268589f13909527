/** Plain containers for numbers that travel between threads and into files. All structured-cloneable. */
import type { InterlockErrorData } from '../issues/errors'
import type { EventPort } from '../rpc/channel'

/** A float32 tensor with its name, e.g. `c1/kernel`, `[kh, kw, channels / groups, filters]`. */
export interface NamedTensor {
  name: string
  shape: readonly number[]
  data: Float32Array
}

/**
 * Values of images as files have them: 8 or 16 bits without sign, or floats, where NaN (or infinity) is
 * a value that is not there (no data).
 */
export type Pixels = Uint8Array | Uint16Array | Float32Array

/** Zeros of the same type, in memory of their own. */
export function emptyPixels(like: Pixels, length: number): Pixels {
  return new (like.constructor as new (length: number) => Pixels)(length)
}

/**
 * Images as they were decoded, with their classes. Layout `[count][height][width][channels]`, channels innermost.
 * `pixels` may sit in a SharedArrayBuffer so that worker threads read it without a copy.
 * `labels[i]` is the class index of image i, or −1 where it is not known (prediction).
 */
export interface ImageSet<P extends Pixels = Pixels> {
  count: number
  height: number
  width: number
  channels: number
  pixels: P
  labels: Int32Array
  /** Pixels and labels change between runs (the ring of a stream): an executor keeps nothing of them. */
  changing?: boolean
}

/**
 * Images that are not in memory as a whole. Whoever has the other end of `port` brings them into the ring, in the order they
 * are asked for: image k of an order lies at place k mod ring.count, until it is said to be used.
 */
export interface ImageStream {
  /** Images of the set, of which the ring holds a few. */
  count: number
  /** In shared memory. */
  ring: ImageSet
  /** Transferred; carries {@link StreamRequest} one way and {@link StreamAnswer} the other. */
  port: EventPort
}

/** Orders are numbered; a new one replaces the last, and all its places are free again. */
export type StreamRequest =
  | { type: 'order'; order: number; indices: Uint32Array }
  /** The first so many images of the order are used: their places may be filled again. */
  | { type: 'used'; order: number; images: number }

export type StreamAnswer =
  /** The first so many images of the order are in the ring, or were; so many of them were decoded, not read from the cache. */
  | { type: 'ready'; order: number; images: number; decoded: number }
  | { type: 'failed'; error: InterlockErrorData }

/** What makes a byte a number between 0 and 1. */
export const byteScale = 1 / 255

/**
 * What turns a stored value into the number the network sees: `x = (value · scale − mean[band]) / std[band]`, and 0, the mean, where
 * the value is not a finite number. `unit` normalisation of bytes is mean 0, std 1.
 */
export interface Normalisation {
  mean: readonly number[]
  std: readonly number[]
  /** One for all bands; {@link byteScale} where it is not given. */
  scale?: number | undefined
}
