/**
 * What computes a plan. Coarse on purpose: images are handed over once, many steps run per call, and only losses and
 * asked-for tensors come back. Every argument and result is structured-cloneable, so that an executor may sit behind a port.
 */
import type { Plan } from './plan'
import type { ImageSet, NamedTensor, Normalisation } from './tensors'

export type ExecutorKind = 'webgpu' | 'cpu'
export type ExecutorChoice = 'auto' | ExecutorKind

export interface ExecutorInfo {
  kind: ExecutorKind
  /** What a person should read: the adapter's name, or `CPU, 2 threads`. */
  name: string
  /** Worker threads computing (1 for WebGPU). */
  threads: number
  /** A WebGPU adapter that runs on the processor (SwiftShader, llvmpipe, WARP). */
  software: boolean
  /** The CPU executor computes with 256-bit operations. */
  wide?: boolean
  /** Why this executor was chosen, one sentence. */
  reason: string
}

/** Images as augmentation counts them, which need not be their places in the set: a stream's change. */
export interface DrawnImages {
  /** From 1. */
  epoch: number
  /** Number of each image in the training set, as long as `indices`. */
  images: Uint32Array
}

export interface StepRequest {
  /** `train` runs `plan.train` and the optimiser; `infer` runs `plan.infer`. */
  mode: 'train' | 'infer'
  /** Which image set given to `loadImages`. */
  set: string
  /** Indices into the set, all steps one after the other; its length is the sum of `counts`. */
  indices: Uint32Array
  /** Real images of each step, 1 … plan.batchSize. */
  counts: Uint32Array
  /** Learning rate of each step (train only; otherwise empty). */
  learningRates: Float32Array
  /** Number of training steps done before this request (Adam's bias correction and the dropout stream count from it). */
  firstStep: number
  /** What the random changes of each image hang on: asked for where the plan augments, and only in training. */
  drawn?: DrawnImages
  /** Return the class probabilities of every image, `[sum of counts][classes]`. */
  probabilities: boolean
}

export interface StepResult {
  /**
   * Mean loss over the real images of each step. Images of unknown class (label −1) add nothing to the sum, the gradients and
   * the correct count, but count in the divisor.
   */
  losses: Float32Array
  /** Images of each step whose largest probability is at their label (first largest wins). */
  correct: Uint32Array
  probabilities: Float32Array | null
  /** Time spent computing. */
  seconds: number
}

export interface Executor {
  readonly info: ExecutorInfo
  /** Allocates and compiles everything a plan needs; parameters and state start at zero. Throws OUT_OF_MEMORY, NETWORK_EXCEEDS_MEMORY. */
  prepare(plan: Plan): Promise<void>
  /** Keeps (replaces) an image set under a name; `normalisation` is stored with `setNormalisation`. */
  loadImages(set: string, images: ImageSet): Promise<void>
  setNormalisation(normalisation: Normalisation): Promise<void>
  /** Writes weights by name (`c1/kernel`) or optimiser moments (`moment1`, `moment2`: the whole arena). Unknown names throw. */
  write(tensors: readonly NamedTensor[]): Promise<void>
  /**
   * Reads tensors by name: weights, moments, gradients as `d(c1/kernel)`, or activations still alive after the last step, as
   * `[real images of that step, …shape]` with channels innermost, whatever the physical layout.
   */
  read(names: readonly string[]): Promise<NamedTensor[]>
  run(request: StepRequest): Promise<StepResult>
  dispose(): Promise<void>
}
