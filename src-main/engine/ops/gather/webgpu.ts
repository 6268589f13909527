import type { WebGpuKernel } from '../webgpuKernel'
import { elementwise, mapConstants } from '../webgpuShader'
import plain from './gather.wgsl?raw'
import varied from './gatherVaried.wgsl?raw'
import pixelValue from './pixelValue.wgsl?raw'
import { liesBetween, noiseStep } from './variant'

export const gather: WebGpuKernel<'gather'> = ({ attrs, inputs, outputs, label }, context) => {
  const [mean, invStd, divisor] = inputs
  const x = outputs[0]!
  const elements = context.batch * x.size
  const { augmentation } = attrs
  const settings = augmentation && {
    BETWEEN: liesBetween(augmentation) ? 1 : 0,
    f_NOISE: noiseStep(augmentation),
  }
  return [
    elementwise(context, {
      label,
      reads: { mean: mean!, invStd: invStd!, divisor: divisor! },
      writes: { x },
      buffers: augmentation ? ['images', 'batches', 'variants'] : ['images', 'batches'],
      constants: { ...mapConstants('X', x), ...settings },
      code: pixelValue + (augmentation ? varied : plain),
      elements,
      work: (augmentation ? 60 : 10) * elements,
    }),
  ]
}
