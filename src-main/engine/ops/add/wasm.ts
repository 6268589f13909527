import type { WasmKernel } from '../../wasm/wasmKernel'

export const add: WasmKernel<'add'> = ({ inputs, outputs }, context) => {
  const y = outputs[0]!
  const cells = context.cells(y.size)
  const parts = context.parts(cells)
  return inputs.slice(1).map((b, index) => {
    const a = index === 0 ? inputs[0]! : y
    const addresses = [context.address(a), context.address(b), context.address(y), context.stride]
    return { kernel: 'add', split: 'block', items: parts, args: [...addresses, cells, parts] }
  })
}
