import type { PlanTensor } from '#shared/engine/plan'
import type { KernelCall } from '../../wasm/program'
import type { WasmContext, WasmKernel } from '../../wasm/wasmKernel'

function copy(
  from: PlanTensor,
  fromStart: number,
  to: PlanTensor,
  toStart: number,
  channels: number,
  context: WasmContext,
): KernelCall {
  const fromChannels = from.shape.at(-1)!
  const toChannels = to.shape.at(-1)!
  const pixels = to.size / toChannels
  const parts = Math.min(pixels, context.parts(context.cells(pixels * channels)))
  const channel = context.blockImages * 4
  const addresses = [context.address(from), context.address(to), context.stride]
  const bytes = [channels, fromChannels, fromStart, toChannels, toStart].map((count) => count * channel)
  const args = [...addresses, pixels, ...bytes, parts]
  return { kernel: 'copyChannels', split: 'block', items: parts, args }
}

export const concat: WasmKernel<'concat'> = ({ inputs, outputs }, context) => {
  let start = 0
  return inputs.map((x) => {
    const channels = x.shape.at(-1)!
    const call = copy(x, 0, outputs[0]!, start, channels, context)
    start += channels
    return call
  })
}

export const slice: WasmKernel<'slice'> = ({ attrs, inputs, outputs }, context) => [
  copy(inputs[0]!, attrs.start, outputs[0]!, 0, attrs.length, context),
]
