import type { WasmKernel } from '../../wasm/wasmKernel'
import { poolCalls, poolGradCalls } from '../pool2dWasm'

export const maxPool2d: WasmKernel<'maxPool2d'> = ({ attrs, inputs, outputs }, context) =>
  poolCalls('maxPool', attrs, inputs[0]!, outputs[0]!, context)

export const maxPool2dGrad: WasmKernel<'maxPool2dGrad'> = ({ attrs, inputs, outputs }, context) => {
  const [x, y, dy] = inputs
  return poolGradCalls('maxPoolGrad', attrs, { x: x!, y: y!, dy: dy!, dx: outputs[0]! }, context)
}
