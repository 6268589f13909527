/** The reference kernel of every kernel name. Total: a missing one is a compile error. */
import type { KernelName } from '#shared/engine/plan'
import type { ReferenceKernel } from './referenceKernel'
import { activation, activationGrad } from './activation/reference'
import { add } from './add/reference'
import { avgPool2d, avgPool2dGrad } from './avgPool2d/reference'
import { batchNorm, batchNormGrad, batchNormInference, batchNormInferenceGrad } from './batchNorm/reference'
import { concat, slice } from './concat/reference'
import { conv2d, conv2dInputGrad, conv2dWeightGrad } from './conv2d/reference'
import { dense, denseInputGrad, denseWeightGrad } from './dense/reference'
import { dropout, dropoutGrad } from './dropout/reference'
import { gather } from './gather/reference'
import { globalAvgPool2d, globalAvgPool2dGrad } from './globalAvgPool2d/reference'
import { maxPool2d, maxPool2dGrad } from './maxPool2d/reference'
import { softmax, softmaxGrad } from './softmax/reference'
import { softmaxCrossEntropy, softmaxCrossEntropyGrad } from './softmaxCrossEntropy/reference'
import { zeroPad2d, zeroPad2dGrad } from './zeroPad2d/reference'

export const referenceKernels: { readonly [K in KernelName]: ReferenceKernel<K> } = {
  gather,
  conv2d,
  conv2dInputGrad,
  conv2dWeightGrad,
  dense,
  denseInputGrad,
  denseWeightGrad,
  maxPool2d,
  maxPool2dGrad,
  avgPool2d,
  avgPool2dGrad,
  globalAvgPool2d,
  globalAvgPool2dGrad,
  zeroPad2d,
  zeroPad2dGrad,
  activation,
  activationGrad,
  softmax,
  softmaxGrad,
  batchNorm,
  batchNormGrad,
  batchNormInference,
  batchNormInferenceGrad,
  dropout,
  dropoutGrad,
  add,
  concat,
  slice,
  softmaxCrossEntropy,
  softmaxCrossEntropyGrad,
}
