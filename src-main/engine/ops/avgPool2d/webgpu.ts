import { isTiling, pool2d, tilingPool2d } from '../pool2dWebgpu'
import type { WebGpuKernel } from '../webgpuKernel'
import forwardCode from './forward.wgsl?raw'
import gradCode from './grad.wgsl?raw'

export const avgPool2d: WebGpuKernel<'avgPool2d'> = ({ attrs, inputs, outputs, label }, context) => {
  const [x] = inputs
  const [y] = outputs
  const parts = { label, reads: { x: x! }, writes: { y: y! } }
  if (isTiling(attrs, x!, y!))
    return tilingPool2d(context, attrs, x!, y!, {
      ...parts,
      code: (cells) => `setY(i, (${cells.map((cell) => `x(${cell})`).join(' + ')}) / f32(POOL_Y * POOL_X));`,
    })
  return pool2d(context, attrs, x!, y!, y!, { ...parts, code: forwardCode })
}

export const avgPool2dGrad: WebGpuKernel<'avgPool2dGrad'> = ({ attrs, inputs, outputs, label }, context) => {
  const [dy] = inputs
  const [dx] = outputs
  const parts = { label, reads: { dy: dy! }, writes: { dx: dx! } }
  if (isTiling(attrs, dx!, dy!))
    return tilingPool2d(context, attrs, dx!, dy!, {
      ...parts,
      code: (cells) =>
        `let share = dy(i) / f32(POOL_Y * POOL_X);\n  ` +
        cells.map((cell) => `setDx(${cell}, share);`).join('\n  '),
    })
  return pool2d(context, attrs, dx!, dy!, dx!, { ...parts, code: gradCode })
}
