import type { WasmKernel } from '../../wasm/wasmKernel'
import { denseAttrs } from '../conv2d/convTensors'
import { convForward, convInputGrad, convWeightGrad } from '../conv2d/wasm'

export const dense: WasmKernel<'dense'> = ({ inputs, outputs }, context) =>
  convForward(denseAttrs, { x: inputs[0]!, kernel: inputs[1]!, y: outputs[0]! }, inputs[2], context)

export const denseInputGrad: WasmKernel<'denseInputGrad'> = ({ inputs, outputs }, context) =>
  convInputGrad(denseAttrs, { y: inputs[0]!, kernel: inputs[1]!, x: outputs[0]! }, context)

export const denseWeightGrad: WasmKernel<'denseWeightGrad'> = ({ inputs, outputs }, context) =>
  convWeightGrad(denseAttrs, inputs[0]!, inputs[1]!, outputs[0]!, outputs[1], context)
