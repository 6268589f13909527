import type { PlanTensor } from '#shared/engine/plan'
import type { Dispatch, KernelContext, WebGpuKernel } from '../webgpuKernel'
import { elementwise } from '../webgpuShader'
import copyCode from './copyChannels.wgsl?raw'

/** Copies `length` channels (or values of a vector) between two tensors of equal height and width. */
function copyChannels(
  context: KernelContext,
  label: string,
  from: PlanTensor,
  fromStart: number,
  to: PlanTensor,
  toStart: number,
  length: number,
): Dispatch {
  const fromChannels = from.shape.at(-1)!
  const elements = (context.batch * from.size * length) / fromChannels
  return elementwise(context, {
    label,
    reads: { source: from },
    writes: { target: to },
    constants: {
      LENGTH: length,
      FROM_CHANNELS: fromChannels,
      FROM_START: fromStart,
      TO_CHANNELS: to.shape.at(-1)!,
      TO_START: toStart,
    },
    code: copyCode,
    elements,
    work: elements * 6,
  })
}

export const concat: WebGpuKernel<'concat'> = ({ inputs, outputs, label }, context) => {
  let start = 0
  return inputs.map((input) => {
    const length = input.shape.at(-1)!
    const dispatch = copyChannels(context, label, input, 0, outputs[0]!, start, length)
    start += length
    return dispatch
  })
}

export const slice: WebGpuKernel<'slice'> = ({ attrs, inputs, outputs, label }, context) => [
  copyChannels(context, label, inputs[0]!, attrs.start, outputs[0]!, 0, attrs.length),
]
