import type { WasmKernel } from '../../wasm/wasmKernel'

export const gather: WasmKernel<'gather'> = ({ inputs, outputs }, context) => {
  const [mean, invStd, divisor] = inputs
  const y = outputs[0]!
  const channels = y.shape.at(-1)!
  const parts = context.parts(context.cells(y.size))
  const args = [
    context.staging.bytes,
    context.address(mean!),
    context.address(invStd!),
    context.address(divisor!),
    context.address(y),
    context.stride,
    y.size / channels,
    channels,
    parts,
  ]
  return [
    { kernel: 'stage', split: 'block', items: 1, args: [] },
    { kernel: context.blockImages === 1 ? 'gatherImage' : 'gather', split: 'block', items: parts, args },
  ]
}
