/**
 * The plan: a fitting network compiled to plain data. It names every tensor, says where it lives, and lists the
 * passes in order. The same plan drives every executor; nothing in it is a function, so it can be printed, compared
 * and posted to another thread.
 *
 * Memory is a handful of arenas. Offsets and sizes are in floats; offsets are multiples of four, and the floats between tensors
 * stay zero in parameters, gradients and moments.
 * - `activations`: per image. Tensor t of image i occupies `product(shape)` floats; the executor multiplies offset and
 *   size by its padded batch and chooses the physical layout (WebGPU `[image][h][w][c]`, CPU `[image / 16][h][w][c][16]`).
 *   Offsets are shared by tensors whose lifetimes do not overlap (gradients of activations live here too).
 * - `parameters`: trainable weights, file layout, one flat block. `gradients` and the optimiser's moments mirror it
 *   float for float, so the optimiser is one pass over one range.
 * - `state`: weights that are not trained (moving statistics, frozen weights), and the normalisation.
 * - `saved`: small per-batch values kept from forward to backward (batch mean and 1/std), not per image.
 */
import type { OpAttrs, OpName, Shape } from '../ops'
import type { AugmentationSettings } from '../training/augmentation'
import type { OptimizerSettings } from '../training/settings'

export type ArenaName = 'activations' | 'parameters' | 'gradients' | 'state' | 'saved'

export interface PlanTensor {
  /** Position in `plan.tensors`. */
  id: number
  /** `c1/kernel` for weights, `c1` for a block's output, `c1:0` for a step inside a block, `d(c1)` for a gradient. */
  name: string
  shape: Shape
  arena: ArenaName
  /** In floats from the start of the arena (per image in `activations`). */
  offset: number
  /** `product(shape)`. */
  size: number
}

export interface LossAttrs {
  /** 0 … below 1: this share of an image's loss is that of all classes alike. Always 0 in inference. */
  labelSmoothing: number
}

/**
 * What an executor must be able to compute. Inputs and outputs are tensor ids, in the order given here.
 * `x`: the forward input, `y`: the forward output, `dx`/`dy`: the loss's gradients with respect to them.
 * Gradient kernels OVERWRITE their outputs; where a tensor feeds several consumers the plan sums with `add`.
 *
 * | kernel | inputs → outputs |
 * | --- | --- |
 * | gather | – → x (images of the step's batch, normalised; `state` normalisation/mean, /invStd and /divisor are inputs) |
 * | conv2d | x, kernel, bias? → y |
 * | conv2dInputGrad | dy, kernel → dx |
 * | conv2dWeightGrad | x, dy → dKernel, dBias? |
 * | dense / denseInputGrad / denseWeightGrad | as conv2d |
 * | maxPool2d → maxPool2dGrad | x → y; x, y, dy → dx (the first largest of a window takes the gradient) |
 * | avgPool2d → avgPool2dGrad | x → y; dy → dx |
 * | globalAvgPool2d → …Grad | x → y; dy → dx |
 * | zeroPad2d → …Grad | x → y; dy → dx (the two change places for crop2d) |
 * | activation → activationGrad | x → y; y (x for gelu), dy → dx |
 * | softmax → softmaxGrad | x → y; y, dy → dx |
 * | batchNorm (training, batch statistics; updates the moving ones) | x, gamma, beta, movingMean, movingVariance → y, mean, invStd |
 * | batchNormGrad | x, dy, gamma, mean, invStd → dx, dGamma, dBeta |
 * | batchNormInference | x, gamma, beta, movingMean, movingVariance → y |
 * | batchNormInferenceGrad | dy, gamma, movingVariance → dx |
 * | dropout → dropoutGrad | x → y; dy → dx (the mask is recomputed from seed, step and position, see `dropoutMask`) |
 * | add | two or more → sum |
 * | concat → slice | two or more → y; dy → the channels `attrs.start … + attrs.length` |
 * | softmaxCrossEntropy | logits, classWeights? → probabilities, weightSums? (and the step's loss and correct count) |
 * | softmaxCrossEntropyGrad | probabilities, classWeights?, weightSums? → dLogits |
 *
 * The loss is that of torch.nn.CrossEntropyLoss(weight, label_smoothing). Without weights it is the mean over the real images;
 * with them the sum of weighted losses is divided by the sum of the labels' weights (an unknown class counts as 1 there).
 * `weightSums`: that divisor, and the sum of the weights of all classes.
 *
 * `flatten` makes no pass: its output is another PlanTensor at the same offset.
 */
export interface KernelAttrs {
  /** `augmentation`: how the images of a training step are changed (`StepRequest.drawn`); none where it is not given. */
  gather: { augmentation?: AugmentationSettings }
  conv2d: OpAttrs['conv2d']
  conv2dInputGrad: OpAttrs['conv2d']
  conv2dWeightGrad: OpAttrs['conv2d']
  dense: OpAttrs['dense']
  denseInputGrad: OpAttrs['dense']
  denseWeightGrad: OpAttrs['dense']
  maxPool2d: OpAttrs['maxPool2d']
  maxPool2dGrad: OpAttrs['maxPool2d']
  avgPool2d: OpAttrs['avgPool2d']
  avgPool2dGrad: OpAttrs['avgPool2d']
  globalAvgPool2d: OpAttrs['globalAvgPool2d']
  globalAvgPool2dGrad: OpAttrs['globalAvgPool2d']
  zeroPad2d: OpAttrs['zeroPad2d']
  zeroPad2dGrad: OpAttrs['zeroPad2d']
  activation: OpAttrs['activation']
  activationGrad: OpAttrs['activation']
  softmax: Record<string, never>
  softmaxGrad: Record<string, never>
  batchNorm: OpAttrs['batchNorm']
  batchNormGrad: OpAttrs['batchNorm']
  batchNormInference: OpAttrs['batchNorm']
  batchNormInferenceGrad: OpAttrs['batchNorm']
  dropout: OpAttrs['dropout'] & { stream: number }
  dropoutGrad: OpAttrs['dropout'] & { stream: number }
  add: Record<string, never>
  concat: Record<string, never>
  slice: { start: number; length: number }
  softmaxCrossEntropy: LossAttrs
  softmaxCrossEntropyGrad: LossAttrs
}

export type KernelName = keyof KernelAttrs

export type Pass = {
  [K in KernelName]: {
    readonly kernel: K
    readonly attrs: KernelAttrs[K]
    readonly inputs: readonly number[]
    readonly outputs: readonly number[]
    /** The block this pass belongs to, for messages and printing. */
    readonly blockId: string
  }
}[KernelName]

export interface Plan {
  /** Images per step; a shorter last batch is run with fewer real images. */
  batchSize: number
  input: Shape
  classes: number
  tensors: readonly PlanTensor[]
  /** Floats per arena (per image for `activations`). */
  arenas: Readonly<Record<ArenaName, number>>
  /** Forward, loss and backward of one training step, without the optimiser. Empty for a plan made for inference. */
  train: readonly Pass[]
  /** Forward with running statistics and no dropout, ending in softmaxCrossEntropy. */
  infer: readonly Pass[]
  /** One pass over `parameters`/`gradients` after `train`. Null for a plan made for inference. */
  optimizer: OptimizerSettings | null
  /**
   * Before the update all gradients are scaled by min(1, clipNorm / (norm + 1e-6)), norm being the L2 norm of all of them
   * together (torch.nn.utils.clip_grad_norm_). The gradients arena keeps the unscaled ones. Null: no clipping.
   */
  clipNorm: number | null
  /** Seeds dropout; weights are initialised by the trainer, not by the plan. */
  seed: number
}

export type ForwardOp = OpName
