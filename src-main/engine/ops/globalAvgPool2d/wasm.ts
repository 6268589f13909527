import type { PlanTensor } from '#shared/engine/plan'
import type { KernelCall } from '../../wasm/program'
import type { WasmContext, WasmKernel } from '../../wasm/wasmKernel'

function call(kernel: string, map: PlanTensor, vector: PlanTensor, context: WasmContext): KernelCall[] {
  const channels = vector.size
  const pixel = channels * context.blockImages * 4
  const args = [context.address(map), context.address(vector), context.stride, map.size / channels, pixel]
  return [{ kernel, split: 'block', items: context.cells(channels), args }]
}

export const globalAvgPool2d: WasmKernel<'globalAvgPool2d'> = ({ inputs, outputs }, context) =>
  call('globalAvgPool', inputs[0]!, outputs[0]!, context)

export const globalAvgPool2dGrad: WasmKernel<'globalAvgPool2dGrad'> = ({ inputs, outputs }, context) =>
  call('globalAvgPoolGrad', outputs[0]!, inputs[0]!, context)
