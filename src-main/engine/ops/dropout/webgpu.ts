import type { WebGpuKernel } from '../webgpuKernel'
import { elementwise } from '../webgpuShader'
import { dropoutScale, dropoutThreshold } from './dropoutMask'
import code from './dropout.wgsl?raw'

/** The same shader forward (x → y) and backward (dy → dx). */
export const dropout: WebGpuKernel<'dropout' | 'dropoutGrad'> = (
  { attrs, inputs, outputs, label },
  context,
) => {
  const elements = context.batch * outputs[0]!.size
  return [
    elementwise(context, {
      label,
      reads: { source: inputs[0]! },
      writes: { target: outputs[0]! },
      constants: {
        SEED: context.seed,
        STREAM: attrs.stream,
        THRESHOLD: dropoutThreshold(attrs.rate),
        f_SCALE: dropoutScale(attrs.rate),
      },
      code,
      elements,
      work: elements * 40,
    }),
  ]
}
