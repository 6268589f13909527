/**
 * The shape of a reference kernel. Reference kernels are the truth that executors are tested against: plain loops in double
 * precision, no trick, layout `[image][h][w][c]`. They are used in tests and nowhere else.
 */
import type { KernelAttrs, KernelName } from '#shared/engine/plan'
import type { Shape } from '#shared/ops'

/** A tensor's numbers: `count · product(shape)` of them for activations, `product(shape)` for everything else. */
export interface ReferenceTensor {
  shape: Shape
  data: Float64Array
}

/** What the running step offers besides tensors. */
export interface ReferenceStep {
  /** Real images of the step. */
  count: number
  seed: number
  /** Training steps done before this one, from 0 over the whole run. */
  step: number
  /** Value `i` (h, w, c order) of image `n` of the batch. */
  pixel(n: number, i: number): number
  /** What the random changes of image `n` hang on. */
  drawn(n: number): { epoch: number; image: number }
  /** Class of image `n`, or −1 where it is not known. */
  label(n: number): number
  /** Where softmaxCrossEntropy leaves its two results. */
  loss: number
  correct: number
}

/** Overwrites `outputs` (batchNorm also moves the running statistics in its inputs). */
export type ReferenceKernel<K extends KernelName = KernelName> = (
  inputs: readonly ReferenceTensor[],
  outputs: readonly ReferenceTensor[],
  attrs: KernelAttrs[K],
  step: ReferenceStep,
) => void
