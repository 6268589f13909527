import type { WasmKernel } from '../../wasm/wasmKernel'

export const softmax: WasmKernel<'softmax'> = ({ inputs, outputs }, context) => {
  const [x, y] = [inputs[0]!, outputs[0]!]
  const length = x.shape.at(-1)!
  const args = [context.address(x), context.address(y), context.stride, x.size / length, length]
  const kernel = context.blockImages === 1 ? 'imageSoftmax' : 'softmax'
  return [{ kernel, split: 'block', items: x.size / length, args }]
}

export const softmaxGrad: WasmKernel<'softmaxGrad'> = ({ inputs, outputs }, context) => {
  const [y, dy, dx] = [inputs[0]!, inputs[1]!, outputs[0]!]
  const length = y.shape.at(-1)!
  const addresses = [context.address(y), context.address(dy), context.address(dx), context.stride]
  return [
    {
      kernel: 'softmaxGrad',
      split: 'block',
      items: y.size / length,
      args: [...addresses, y.size / length, length],
    },
  ]
}
