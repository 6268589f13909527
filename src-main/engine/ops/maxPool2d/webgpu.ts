import { isTiling, pool2d, tilingPool2d } from '../pool2dWebgpu'
import type { WebGpuKernel } from '../webgpuKernel'
import forwardCode from './forward.wgsl?raw'
import gradCode from './grad.wgsl?raw'

export const maxPool2d: WebGpuKernel<'maxPool2d'> = ({ attrs, inputs, outputs, label }, context) => {
  const [x] = inputs
  const [y] = outputs
  const parts = { label, reads: { x: x! }, writes: { y: y! } }
  if (isTiling(attrs, x!, y!))
    return tilingPool2d(context, attrs, x!, y!, {
      ...parts,
      code: (cells) =>
        `setY(i, ${cells.map((cell) => `x(${cell})`).reduce((largest, value) => `max(${largest}, ${value})`)});`,
    })
  return pool2d(context, attrs, x!, y!, y!, { ...parts, code: forwardCode })
}

export const maxPool2dGrad: WebGpuKernel<'maxPool2dGrad'> = ({ attrs, inputs, outputs, label }, context) => {
  const [x, y, dy] = inputs
  const [dx] = outputs
  const parts = { label, reads: { x: x!, y: y!, dy: dy! }, writes: { dx: dx! } }
  if (isTiling(attrs, dx!, dy!))
    return tilingPool2d(context, attrs, dx!, dy!, {
      ...parts,
      // The first largest cell takes all.
      code: (cells) =>
        `let largest = y(i);\n  var rest = dy(i);\n  ` +
        cells
          .map(
            (cell, j) =>
              `let is${j} = x(${cell}) == largest; ` +
              `setDx(${cell}, select(0.0, rest, is${j})); rest = select(rest, 0.0, is${j});`,
          )
          .join('\n  '),
    })
  return pool2d(context, attrs, x!, y!, dx!, { ...parts, code: gradCode })
}
