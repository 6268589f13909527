/** Every kernel's calls on the CPU. Total: a kernel that is missing here does not compile. */
import type { KernelName, Pass } from '#shared/engine/plan'
import type { KernelCall } from '../wasm/program'
import type { WasmContext, WasmKernel } from '../wasm/wasmKernel'
import { activation, activationGrad } from './activation/wasm'
import { add } from './add/wasm'
import { avgPool2d, avgPool2dGrad } from './avgPool2d/wasm'
import { batchNorm, batchNormGrad, batchNormInference, batchNormInferenceGrad } from './batchNorm/wasm'
import { concat, slice } from './concat/wasm'
import { conv2d, conv2dInputGrad, conv2dWeightGrad } from './conv2d/wasm'
import { dense, denseInputGrad, denseWeightGrad } from './dense/wasm'
import { dropout } from './dropout/wasm'
import { gather } from './gather/wasm'
import { globalAvgPool2d, globalAvgPool2dGrad } from './globalAvgPool2d/wasm'
import { maxPool2d, maxPool2dGrad } from './maxPool2d/wasm'
import { softmax, softmaxGrad } from './softmax/wasm'
import { softmaxCrossEntropy, softmaxCrossEntropyGrad } from './softmaxCrossEntropy/wasm'
import { zeroPad2d, zeroPad2dGrad } from './zeroPad2d/wasm'

const wasmKernels: { readonly [K in KernelName]: WasmKernel<K> } = {
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

/** The kernel calls of one pass. */
export function passCalls(pass: Pass, context: WasmContext): KernelCall[] {
  const kernel = wasmKernels[pass.kernel] as WasmKernel<KernelName>
  const tensors = (ids: readonly number[]) => ids.map((id) => context.plan.tensors[id]!)
  return kernel({ attrs: pass.attrs, inputs: tensors(pass.inputs), outputs: tensors(pass.outputs) }, context)
}
