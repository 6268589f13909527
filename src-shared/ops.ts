/**
 * The operations a compiled network is made of: names and attributes only, no code.
 *
 * Blocks `lower` to these; `src-main/engine/ops/<op>/` holds one folder per operation with its kernels.
 * Every table keyed by {@link OpName} or {@link KernelName} is total, so a missing kernel is a compile error.
 *
 * Shapes leave the batch out: a map is `[height, width, channels]`, a vector `[n]`.
 */

/** `[height, width, channels]` of an activation map, or `[n]` of a vector. Always positive integers. */
export type Shape = readonly number[]

/** `[vertical, horizontal]`. */
export type Pair = readonly [number, number]

/** Rows and columns added around a map: `[top, bottom, left, right]`. */
export type Padding4 = readonly [number, number, number, number]

export type ActivationKind = 'relu' | 'leakyRelu' | 'elu' | 'gelu' | 'sigmoid' | 'tanh' | 'softplus'

export interface Conv2dAttrs {
  kernelSize: Pair
  strides: Pair
  padding: Padding4
  dilation: Pair
  groups: number
  filters: number
  useBias: boolean
}

export interface Pool2dAttrs {
  poolSize: Pair
  strides: Pair
  padding: Padding4
}

export interface ActivationAttrs {
  kind: ActivationKind
  /** leakyRelu: slope (≥ 0); elu: alpha (> 0); softplus: beta (> 0); others: 0 and unused. */
  alpha: number
}

export interface BatchNormAttrs {
  /** running = momentum · running + (1 − momentum) · batch */
  momentum: number
  epsilon: number
  /** Frozen: running statistics are used in training too, and never updated. */
  frozen: boolean
}

export interface DropoutAttrs {
  /** Share of values set to zero in training; the rest is multiplied by 1 / (1 − rate). */
  rate: number
}

/** Attributes of the forward operations, by operation. */
export interface OpAttrs {
  conv2d: Conv2dAttrs
  maxPool2d: Pool2dAttrs
  avgPool2d: Pool2dAttrs
  globalAvgPool2d: Record<string, never>
  zeroPad2d: { padding: Padding4 }
  /** Undoes a zero padding: `padding` is what is cut off. */
  crop2d: { padding: Padding4 }
  activation: ActivationAttrs
  softmax: Record<string, never>
  batchNorm: BatchNormAttrs
  dropout: DropoutAttrs
  flatten: Record<string, never>
  dense: { units: number; useBias: boolean }
  add: Record<string, never>
  concat: Record<string, never>
}

/** Forward operations that blocks lower to. */
export type OpName = keyof OpAttrs

/** Where an operation takes its data from: an input of the block, or an earlier operation of the same block. */
export type LoweredSource = { readonly input: number } | { readonly op: number }

/**
 * One operation of a lowered block. `weights` maps the operation's own weight names (`kernel`, `bias`, `gamma`,
 * `beta`, `movingMean`, `movingVariance`) to the block's weight names (see `BlockDefinition.weights`).
 */
export type LoweredOp = {
  [K in OpName]: {
    readonly op: K
    readonly attrs: OpAttrs[K]
    readonly from: readonly LoweredSource[]
    readonly weights: Readonly<Record<string, string>>
    readonly output: Shape
  }
}[OpName]

/** The order of weights each operation expects in a pass; operations without weights have an empty list. */
export const opWeightNames: { readonly [K in OpName]: readonly string[] } = {
  conv2d: ['kernel', 'bias'],
  maxPool2d: [],
  avgPool2d: [],
  globalAvgPool2d: [],
  zeroPad2d: [],
  crop2d: [],
  activation: [],
  softmax: [],
  batchNorm: ['gamma', 'beta', 'movingMean', 'movingVariance'],
  dropout: [],
  flatten: [],
  dense: ['kernel', 'bias'],
  add: [],
  concat: [],
}
