import { pool2d } from '../pool2dWebgpu'
import type { WebGpuKernel } from '../webgpuKernel'
import forwardCode from './forward.wgsl?raw'
import gradCode from './grad.wgsl?raw'

export const maxPool2d: WebGpuKernel<'maxPool2d'> = ({ attrs, inputs, outputs, label }, context) => {
  const [x] = inputs
  const [y] = outputs
  return pool2d(context, attrs, x!, y!, y!, { label, reads: { x: x! }, writes: { y: y! }, code: forwardCode })
}

export const maxPool2dGrad: WebGpuKernel<'maxPool2dGrad'> = ({ attrs, inputs, outputs, label }, context) => {
  const [x, y, dy] = inputs
  const [dx] = outputs
  const reads = { x: x!, y: y!, dy: dy! }
  return pool2d(context, attrs, x!, y!, dx!, { label, reads, writes: { dx: dx! }, code: gradCode })
}
