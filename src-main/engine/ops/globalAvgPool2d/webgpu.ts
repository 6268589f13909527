import type { WebGpuKernel } from '../webgpuKernel'
import { elementwise, mapConstants } from '../webgpuShader'
import forwardCode from './forward.wgsl?raw'
import gradCode from './grad.wgsl?raw'

export const globalAvgPool2d: WebGpuKernel<'globalAvgPool2d'> = ({ inputs, outputs, label }, context) => [
  elementwise(context, {
    label,
    reads: { x: inputs[0]! },
    writes: { y: outputs[0]! },
    constants: mapConstants('X', inputs[0]!),
    code: forwardCode,
    elements: context.batch * outputs[0]!.size,
    work: context.batch * inputs[0]!.size * 4,
  }),
]

export const globalAvgPool2dGrad: WebGpuKernel<'globalAvgPool2dGrad'> = (
  { inputs, outputs, label },
  context,
) => [
  elementwise(context, {
    label,
    reads: { dy: inputs[0]! },
    writes: { dx: outputs[0]! },
    constants: mapConstants('X', outputs[0]!),
    code: gradCode,
    elements: context.batch * outputs[0]!.size,
    work: context.batch * outputs[0]!.size * 4,
  }),
]
