import type { PlanTensor } from '#shared/engine/plan'
import type { Padding4 } from '#shared/ops'
import type { WebGpuKernel } from '../webgpuKernel'
import { elementwise, mapConstants } from '../webgpuShader'
import forwardCode from './forward.wgsl?raw'
import gradCode from './grad.wgsl?raw'

function constants(padding: Padding4, x: PlanTensor, y: PlanTensor): Record<string, number> {
  return { ...mapConstants('X', x), ...mapConstants('Y', y), PAD_TOP: padding[0], PAD_LEFT: padding[2] }
}

export const zeroPad2d: WebGpuKernel<'zeroPad2d'> = ({ attrs, inputs, outputs, label }, context) => [
  elementwise(context, {
    label,
    reads: { x: inputs[0]! },
    writes: { y: outputs[0]! },
    constants: constants(attrs.padding, inputs[0]!, outputs[0]!),
    code: forwardCode,
    elements: context.batch * outputs[0]!.size,
    work: context.batch * outputs[0]!.size * 8,
  }),
]

export const zeroPad2dGrad: WebGpuKernel<'zeroPad2dGrad'> = ({ attrs, inputs, outputs, label }, context) => [
  elementwise(context, {
    label,
    reads: { dy: inputs[0]! },
    writes: { dx: outputs[0]! },
    constants: constants(attrs.padding, outputs[0]!, inputs[0]!),
    code: gradCode,
    elements: context.batch * outputs[0]!.size,
    work: context.batch * outputs[0]!.size * 8,
  }),
]
