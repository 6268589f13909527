/**
 * What every kernel shares. All kernels have the signature `(begin, end, step, args)`: do the items begin … end − 1 of the
 * work described by `args` (a struct of 4-byte fields in shared memory, written once when a plan is prepared).
 *
 * Activations lie as `[block][height][width][channels][16]`: 16 images side by side, one per lane. `stride` is the
 * distance in bytes between the same tensor of neighbouring blocks, and the same for every tensor.
 */

/** Images per block, innermost in memory. */
export const LANES: i32 = 16
/** Bytes of one value of all 16 images. */
export const CELL: usize = 64

/** What changes from step to step. Every thread has its own copy, so nobody waits for it. */
@unmanaged
export class Step {
  /** Real images of this step; lanes beyond count for nothing. */
  images: i32
  /** Blocks with at least one real image. */
  blocks: i32
  /** Training steps done before this one. */
  index: u32
  learningRate: f32
  /** Adam: learningRate / (1 − beta1^(index + 1)). */
  stepSize: f32
  /** Adam: √(1 − beta2^(index + 1)). */
  correction2Root: f32
  /** AdamW: 1 − learningRate · weightDecay. */
  shrink: f32
  /** Scratch memory of this thread. */
  scratch: usize
  /** Bytes of a staged value: 1 and 2 are whole numbers without sign, 4 is a float. */
  pixelBytes: i32
}

/** How many lanes of a block hold real images. */
@inline
export function realLanes(step: Step, block: i32): i32 {
  return min(max(step.images - block * LANES, 0), LANES)
}

/** All bits set in those of the lanes `first … first + 3` that are below `real`. */
@inline
export function laneMask(first: i32, real: i32): v128 {
  return i32x4.lt_s(i32x4.add(i32x4.splat(first), i32x4(0, 1, 2, 3)), i32x4.splat(real))
}

/** Sum of the four lanes, in a fixed order. */
@inline
export function sumLanes(v: v128): f32 {
  return (
    f32x4.extract_lane(v, 0) +
    f32x4.extract_lane(v, 1) +
    (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
  )
}

/** Where part number `part` of `parts` equal shares of `size` begins. */
@inline
export function partStart(size: i32, part: i32, parts: i32): usize {
  return <usize>((<i64>size * part) / parts)
}
