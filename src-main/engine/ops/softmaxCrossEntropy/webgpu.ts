import type { WebGpuKernel } from '../webgpuKernel'
import { elementwise, shader } from '../webgpuShader'
import forwardCode from './forward.wgsl?raw'
import gradCode from './grad.wgsl?raw'

export const softmaxCrossEntropy: WebGpuKernel<'softmaxCrossEntropy'> = (
  { inputs, outputs, label },
  context,
) => [
  shader(
    context,
    {
      label,
      reads: { logits: inputs[0]! },
      writes: { probabilities: outputs[0]! },
      buffers: ['batches', 'results'],
      constants: {
        CLASSES: inputs[0]!.size,
        THREADS: 64,
        RESULT_BASE: 2 * context.stepsPerWindow,
      },
      code: forwardCode,
      work: context.batch * inputs[0]!.size * 60,
    },
    [1, 1, 1],
  ),
]

export const softmaxCrossEntropyGrad: WebGpuKernel<'softmaxCrossEntropyGrad'> = (
  { inputs, outputs, label },
  context,
) => {
  const elements = context.batch * outputs[0]!.size
  return [
    elementwise(context, {
      label,
      reads: { probabilities: inputs[0]! },
      writes: { dLogits: outputs[0]! },
      buffers: ['batches'],
      constants: { CLASSES: outputs[0]!.size },
      code: gradCode,
      elements,
      work: elements * 6,
    }),
  ]
}
