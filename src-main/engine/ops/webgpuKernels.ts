/** Every kernel's dispatches on WebGPU. Total: a kernel that is missing here does not compile. */
import type { KernelName, Pass } from '#shared/engine/plan'
import { activation, activationGrad } from './activation/webgpu'
import { add } from './add/webgpu'
import { avgPool2d, avgPool2dGrad } from './avgPool2d/webgpu'
import { batchNorm, batchNormGrad, batchNormInference, batchNormInferenceGrad } from './batchNorm/webgpu'
import { concat, slice } from './concat/webgpu'
import { conv2d, conv2dInputGrad, conv2dWeightGrad } from './conv2d/webgpu'
import { dense, denseInputGrad, denseWeightGrad } from './dense/webgpu'
import { dropout } from './dropout/webgpu'
import { gather } from './gather/webgpu'
import { globalAvgPool2d, globalAvgPool2dGrad } from './globalAvgPool2d/webgpu'
import { maxPool2d, maxPool2dGrad } from './maxPool2d/webgpu'
import { softmax, softmaxGrad } from './softmax/webgpu'
import { softmaxCrossEntropy, softmaxCrossEntropyGrad } from './softmaxCrossEntropy/webgpu'
import type { Dispatch, KernelContext, WebGpuKernel } from './webgpuKernel'
import { zeroPad2d, zeroPad2dGrad } from './zeroPad2d/webgpu'

const webgpuKernels: { readonly [K in KernelName]: WebGpuKernel<K> } = {
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
  dropoutGrad: dropout,
  add,
  concat,
  slice,
  softmaxCrossEntropy,
  softmaxCrossEntropyGrad,
}

/** The dispatches of one pass. */
export function passDispatches(pass: Pass, context: KernelContext): Dispatch[] {
  const kernel = webgpuKernels[pass.kernel] as WebGpuKernel<KernelName>
  const inputs = pass.inputs.map((id) => context.tensor(id))
  const outputs = pass.outputs.map((id) => context.tensor(id))
  return kernel({ attrs: pass.attrs, inputs, outputs, label: `${pass.blockId} ${pass.kernel}` }, context)
}
