/**
 * The backward rule of every forward operation: given the gradient `dy` of its output, which passes compute the gradients
 * of its inputs and weights. Reverse-mode differentiation; the total table makes a missing rule a compile error.
 *
 * A rule never sums: where a value feeds several consumers each contributes, and the builder adds them up.
 */
import type { KernelAttrs, KernelName } from '#shared/engine/plan'
import type { OpName, Shape } from '#shared/ops'
import { hashText } from '../hashText'
import type { NodeOf } from './network'

/** What a rule may ask of the plan being built. Tensors are ids. */
export interface GradientContext<K extends OpName> {
  node: NodeOf<K>
  inputs: readonly number[]
  output: number
  /** Ids of the node's weights, in order. */
  weights: readonly number[]
  /** Values kept from the forward pass (batchNorm: mean, invStd). */
  saved: readonly number[]
  dy: number
  shapeOf(tensor: number): Shape
  needsInputGradient(index: number): boolean
  /** False for frozen weights. */
  trainsWeights: boolean
  /** A new tensor for one contribution to the gradient of input `index`. */
  newInputGradient(index: number): number
  /** The contribution to input `index` is an existing tensor's data under the input's shape. */
  passThrough(index: number, gradient: number): void
  /** The tensor that mirrors trainable weight `index` in the gradients arena. */
  weightGradient(index: number): number
  emit<P extends KernelName>(
    kernel: P,
    attrs: KernelAttrs[P],
    inputs: readonly number[],
    outputs: readonly number[],
  ): void
}

export type GradientRule<K extends OpName> = (context: GradientContext<K>) => void

/** For operations with one input, no weights, and a gradient kernel over some of x, y and dy. */
function unary<K extends OpName>(
  run: (context: GradientContext<K>, x: number, y: number, dx: number) => void,
): GradientRule<K> {
  return (context) => {
    if (!context.needsInputGradient(0)) return
    run(context, context.inputs[0]!, context.output, context.newInputGradient(0))
  }
}

/** Convolution and dense: the same two products with other names. */
function affine<K extends 'conv2d' | 'dense'>(op: K): GradientRule<K> {
  return (context) => {
    const { inputs, weights, dy, node } = context
    const attrs = node.attrs as KernelAttrs[`${K}WeightGrad`] & KernelAttrs[`${K}InputGrad`]
    if (context.trainsWeights) {
      const gradients = weights.map((_, index) => context.weightGradient(index))
      context.emit<`${K}WeightGrad`>(`${op}WeightGrad`, attrs, [inputs[0]!, dy], gradients)
    }
    if (context.needsInputGradient(0)) {
      context.emit<`${K}InputGrad`>(`${op}InputGrad`, attrs, [dy, weights[0]!], [context.newInputGradient(0)])
    }
  }
}

export const gradientRules: { readonly [K in OpName]: GradientRule<K> } = {
  conv2d: affine('conv2d'),
  dense: affine('dense'),
  maxPool2d: unary((c, x, y, dx) => c.emit('maxPool2dGrad', c.node.attrs, [x, y, c.dy], [dx])),
  avgPool2d: unary((c, _x, _y, dx) => c.emit('avgPool2dGrad', c.node.attrs, [c.dy], [dx])),
  globalAvgPool2d: unary((c, _x, _y, dx) => c.emit('globalAvgPool2dGrad', c.node.attrs, [c.dy], [dx])),
  zeroPad2d: unary((c, _x, _y, dx) => c.emit('zeroPad2dGrad', c.node.attrs, [c.dy], [dx])),
  crop2d: unary((c, _x, _y, dx) => c.emit('zeroPad2d', c.node.attrs, [c.dy], [dx])),
  activation: unary((c, x, y, dx) =>
    c.emit('activationGrad', c.node.attrs, [c.node.attrs.kind === 'gelu' ? x : y, c.dy], [dx]),
  ),
  softmax: unary((c, _x, y, dx) => c.emit('softmaxGrad', {}, [y, c.dy], [dx])),
  dropout: unary((c, _x, _y, dx) =>
    c.emit('dropoutGrad', { ...c.node.attrs, stream: hashText(c.node.name) }, [c.dy], [dx]),
  ),
  batchNorm: (c) => {
    const [gamma, , , movingVariance] = c.weights
    if (!c.node.attrs.frozen) {
      const outputs = [c.newInputGradient(0), c.weightGradient(0), c.weightGradient(1)]
      c.emit('batchNormGrad', c.node.attrs, [c.inputs[0]!, c.dy, gamma!, ...c.saved], outputs)
    } else if (c.needsInputGradient(0)) {
      c.emit('batchNormInferenceGrad', c.node.attrs, [c.dy, gamma!, movingVariance!], [c.newInputGradient(0)])
    }
  },
  flatten: (c) => {
    if (c.needsInputGradient(0)) c.passThrough(0, c.dy)
  },
  add: (c) => {
    c.inputs.forEach((_, index) => {
      if (c.needsInputGradient(index)) c.passThrough(index, c.dy)
    })
  },
  concat: (c) => {
    let start = 0
    c.inputs.forEach((input, index) => {
      const length = c.shapeOf(input).at(-1)!
      if (c.needsInputGradient(index)) c.emit('slice', { start, length }, [c.dy], [c.newInputGradient(index)])
      start += length
    })
  },
}
