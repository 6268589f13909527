/**
 * The dropout mask: a counter-based hash, so that every executor, in any order and at any thread count, drops the same
 * values, and the backward pass recomputes the mask instead of keeping it.
 *
 * Unsigned 32-bit integers throughout, wrapping modulo 2³² (`Math.imul` here, `u32` in WGSL, `i32x4` in WebAssembly):
 *
 * ```
 * mix(x):  x ^= x >> 16;  x *= 0x7feb352d;  x ^= x >> 15;  x *= 0x846ca68b;  x ^= x >> 16        (logical shifts)
 * G        = 0x9e3779b9
 * key      = mix(mix(mix(seed + G) + stream + G) + step + G)                                     (once per pass and step)
 * word     = mix(mix(position + G) ^ key)
 * kept     ⇔ word ≥ threshold                                                                    (unsigned)
 * y        = kept ? x · scale : 0          dx = kept ? dy · scale : 0
 * threshold = min(round(rate · 2³²), 2³² − 1)        scale = float32(1 / (1 − rate))
 * ```
 *
 * - `seed` is `plan.seed`, `stream` the pass's attribute (each dropout of a network has its own).
 * - `step` counts training steps from 0 over the whole run: `request.firstStep + index of the step in the request`.
 * - `position = imageInBatch · size + i`, where `i` is the logical index (h · width + w) · channels + c inside the image and
 *   `imageInBatch` counts from 0 in the step's batch; the executor's own physical layout plays no part.
 *
 * `mix` is Chris Wellons's `lowbias32` (https://nullprogram.com/blog/2018/07/31/): constant shifts only, so it
 * vectorises. Hashing the position before it meets the key keeps masks of different steps from being shifted copies.
 */
const golden = 0x9e3779b9

/** A bijection of the 32-bit integers that scatters well. Result is unsigned. */
export function mix32(x: number): number {
  x ^= x >>> 16
  x = Math.imul(x, 0x7feb352d)
  x ^= x >>> 15
  x = Math.imul(x, 0x846ca68b)
  x ^= x >>> 16
  return x >>> 0
}

/** Key of one dropout pass in one training step. */
export function dropoutKey(seed: number, stream: number, step: number): number {
  return mix32((mix32((mix32((seed + golden) | 0) + stream + golden) | 0) + step + golden) | 0)
}

/** Words below this are dropped. 0 for rate 0. */
export function dropoutThreshold(rate: number): number {
  return Math.min(Math.round(rate * 2 ** 32), 0xffff_ffff)
}

/** What kept values are multiplied by, as float32. */
export function dropoutScale(rate: number): number {
  return Math.fround(1 / (1 - rate))
}

/** Whether the value at a position (see above) is kept. */
export function dropoutKeeps(key: number, threshold: number, position: number): boolean {
  return mix32(mix32((position + golden) | 0) ^ key) >= threshold
}
