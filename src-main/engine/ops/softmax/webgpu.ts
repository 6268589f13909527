import type { WebGpuKernel } from '../webgpuKernel'
import { elementwise } from '../webgpuShader'
import forwardCode from './forward.wgsl?raw'
import gradCode from './grad.wgsl?raw'

export const softmax: WebGpuKernel<'softmax'> = ({ inputs, outputs, label }, context) => {
  const length = inputs[0]!.shape.at(-1)!
  const values = context.batch * inputs[0]!.size
  return [
    elementwise(context, {
      label,
      reads: { x: inputs[0]!, y: outputs[0]! },
      writes: { y: outputs[0]! },
      constants: { LENGTH: length },
      code: forwardCode,
      elements: values / length,
      work: values * 20,
    }),
  ]
}

export const softmaxGrad: WebGpuKernel<'softmaxGrad'> = ({ inputs, outputs, label }, context) => {
  const length = outputs[0]!.shape.at(-1)!
  const values = context.batch * outputs[0]!.size
  return [
    elementwise(context, {
      label,
      reads: { y: inputs[0]!, dy: inputs[1]! },
      writes: { dx: outputs[0]! },
      constants: { LENGTH: length },
      code: gradCode,
      elements: values / length,
      work: values * 8,
    }),
  ]
}
