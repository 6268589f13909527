import type { WasmKernel } from '../../wasm/wasmKernel'
import { poolCalls, poolGradCalls } from '../pool2dWasm'

export const avgPool2d: WasmKernel<'avgPool2d'> = ({ attrs, inputs, outputs }, context) =>
  poolCalls('avgPool', attrs, inputs[0]!, outputs[0]!, context)

export const avgPool2dGrad: WasmKernel<'avgPool2dGrad'> = ({ attrs, inputs, outputs }, context) => {
  const [dy, dx] = [inputs[0]!, outputs[0]!]
  return poolGradCalls('avgPoolGrad', attrs, { x: dx, y: dy, dy, dx }, context)
}
