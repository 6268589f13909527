import { pool2d } from '../pool2dWebgpu'
import type { WebGpuKernel } from '../webgpuKernel'
import forwardCode from './forward.wgsl?raw'
import gradCode from './grad.wgsl?raw'

export const avgPool2d: WebGpuKernel<'avgPool2d'> = ({ attrs, inputs, outputs, label }, context) => {
  const [x] = inputs
  const [y] = outputs
  return pool2d(context, attrs, x!, y!, y!, { label, reads: { x: x! }, writes: { y: y! }, code: forwardCode })
}

export const avgPool2dGrad: WebGpuKernel<'avgPool2dGrad'> = ({ attrs, inputs, outputs, label }, context) => {
  const [dy] = inputs
  const [dx] = outputs
  return pool2d(context, attrs, dx!, dy!, dx!, {
    label,
    reads: { dy: dy! },
    writes: { dx: dx! },
    code: gradCode,
  })
}
