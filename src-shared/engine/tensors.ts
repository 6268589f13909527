/** Plain containers for numbers that travel between threads and into files. All structured-cloneable. */

/** A float32 tensor with its name, e.g. `c1/kernel`, `[kh, kw, channels / groups, filters]`. */
export interface NamedTensor {
  name: string
  shape: readonly number[]
  data: Float32Array
}

/**
 * Images as they were decoded, with their classes. Layout `[count][height][width][channels]`, channels innermost.
 * `pixels` may sit in a SharedArrayBuffer so that worker threads read it without a copy.
 * `labels[i]` is the class index of image i, or −1 where it is not known (prediction).
 */
export interface ImageSet {
  count: number
  height: number
  width: number
  channels: number
  pixels: Uint8Array
  labels: Int32Array
}

/**
 * What turns a stored byte into the number the network sees: `x = (byte / 255 − mean[band]) / std[band]`.
 * `unit` normalisation is mean 0, std 1.
 */
export interface Normalisation {
  mean: readonly number[]
  std: readonly number[]
}
