import type { ActivationKind } from '#shared/ops'
import type { WasmKernel } from '../../wasm/wasmKernel'

/** `sigmoid` and `tanh` are taken by the functions they call. */
const forward: Readonly<Record<ActivationKind, string>> = {
  relu: 'relu',
  leakyRelu: 'leakyRelu',
  elu: 'elu',
  gelu: 'gelu',
  sigmoid: 'sigmoidForward',
  tanh: 'tanhForward',
  softplus: 'softplus',
}

export const activation: WasmKernel<'activation'> = ({ attrs, inputs, outputs }, context) => {
  const [x, y] = [inputs[0]!, outputs[0]!]
  const cells = context.cells(x.size)
  const parts = context.parts(cells)
  const addresses = [context.address(x), context.address(y), context.stride]
  const args = [...addresses, cells, parts, { f32: attrs.alpha }]
  return [{ kernel: forward[attrs.kind], split: 'block', items: parts, args }]
}

export const activationGrad: WasmKernel<'activationGrad'> = ({ attrs, inputs, outputs }, context) => {
  const [y, dy, dx] = [inputs[0]!, inputs[1]!, outputs[0]!]
  const cells = context.cells(y.size)
  const parts = context.parts(cells)
  const addresses = [context.address(y), context.address(dy), context.address(dx), context.stride]
  const args = [...addresses, cells, parts, { f32: attrs.alpha }]
  return [{ kernel: `${attrs.kind}Grad`, split: 'block', items: parts, args }]
}
