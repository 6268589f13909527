import type { PlanTensor } from '#shared/engine/plan'
import type { Padding4 } from '#shared/ops'
import type { WasmContext, WasmKernel } from '../../wasm/wasmKernel'

function padArgs(small: PlanTensor, large: PlanTensor, padding: Padding4, context: WasmContext): number[] {
  const addresses = [context.address(small), context.address(large), context.stride]
  const [height, width, channels] = small.shape
  const pixel = channels! * context.blockImages * 4
  return [...addresses, height!, width!, pixel, large.shape[0]!, large.shape[1]!, padding[0], padding[2]]
}

export const zeroPad2d: WasmKernel<'zeroPad2d'> = ({ attrs, inputs, outputs }, context) => {
  const [x, y] = [inputs[0]!, outputs[0]!]
  const args = padArgs(x, y, attrs.padding, context)
  return [{ kernel: 'zeroPad', split: 'block', items: y.shape[0]!, args }]
}

export const zeroPad2dGrad: WasmKernel<'zeroPad2dGrad'> = ({ attrs, inputs, outputs }, context) => {
  const [dy, dx] = [inputs[0]!, outputs[0]!]
  const args = padArgs(dx, dy, attrs.padding, context)
  return [{ kernel: 'zeroPadGrad', split: 'block', items: dx.shape[0]!, args }]
}
