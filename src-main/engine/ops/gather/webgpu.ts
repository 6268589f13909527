import type { WebGpuKernel } from '../webgpuKernel'
import { elementwise, mapConstants } from '../webgpuShader'
import code from './gather.wgsl?raw'

export const gather: WebGpuKernel<'gather'> = ({ inputs, outputs, label }, context) => {
  const elements = context.batch * outputs[0]!.size
  return [
    elementwise(context, {
      label,
      reads: { mean: inputs[0]!, invStd: inputs[1]!, divisor: inputs[2]! },
      writes: { x: outputs[0]! },
      buffers: ['images', 'batches'],
      constants: mapConstants('X', outputs[0]!),
      code,
      elements,
      work: 10 * elements,
    }),
  ]
}
