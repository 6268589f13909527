import type { WasmKernel } from '../../wasm/wasmKernel'
import { dropoutScale, dropoutThreshold } from './dropoutMask'

/** The gradient is the same operation on dy: the mask is computed again. */
export const dropout: WasmKernel<'dropout' | 'dropoutGrad'> = ({ attrs, inputs, outputs }, context) => {
  const [x, y] = [inputs[0]!, outputs[0]!]
  const parts = context.parts(x.size)
  const args = [
    context.address(x),
    context.address(y),
    context.stride,
    x.size,
    parts,
    context.plan.seed,
    attrs.stream,
    dropoutThreshold(attrs.rate),
    { f32: dropoutScale(attrs.rate) },
  ]
  return [{ kernel: 'dropout', split: 'block', items: parts, args }]
}
