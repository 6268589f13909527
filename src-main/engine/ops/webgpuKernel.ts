/** What a kernel is on WebGPU: a function from a pass of the plan to the dispatches that compute it. */
import type { KernelAttrs, KernelName, PlanTensor } from '#shared/engine/plan'
import type { BufferName } from './webgpuShader'

/** One dispatch of one step: a whole shader, its buffers and its size. */
export interface Dispatch {
  label: string
  code: string
  buffers: readonly BufferName[]
  /** First floats of its tensors in their arenas, in the order of the shader's `bases`. */
  bases: readonly number[]
  workgroups: readonly [number, number, number]
  /** Rough count of operations, to cut submits into equal times. */
  work: number
  /** Floats of `scratch` it uses (always from the start: scratch lives for one pass only). */
  scratch: number
}

/** What a kernel may know when it is built. */
export interface KernelContext {
  /** Images of a full batch; every image tensor has room for this many. */
  batch: number
  tensor(id: number): PlanTensor
  seed: number
  /** Steps whose results fit into `results`: two floats each (loss, correct), then the probabilities of every image. */
  stepsPerWindow: number
  /** The adapter computes on the processor: few workgroups suffice. */
  software: boolean
}

/** A pass with its tensors looked up. */
export interface KernelPass<K extends KernelName> {
  attrs: KernelAttrs[K]
  inputs: readonly PlanTensor[]
  outputs: readonly PlanTensor[]
  /** For error messages and GPU debuggers, e.g. `c1 conv2d`. */
  label: string
}

export type WebGpuKernel<K extends KernelName> = (pass: KernelPass<K>, context: KernelContext) => Dispatch[]
