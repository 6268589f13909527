import type { Pool2dAttrs } from '#shared/ops'
import type { ReferenceKernel, ReferenceTensor } from '../referenceKernel'
import { forEachCell } from '../windows'

/** For every real cell of every window: its position in x, the window's position in y, and the window's real cells. */
function forEachShare(
  attrs: Pool2dAttrs,
  count: number,
  x: ReferenceTensor,
  y: ReferenceTensor,
  visit: (x: number, y: number, cells: number) => void,
): void {
  const [height, width, channels] = x.shape as [number, number, number]
  const [outHeight, outWidth] = y.shape as [number, number, number]
  const window = { ...attrs, size: attrs.poolSize, dilation: [1, 1] as const }
  for (let n = 0; n < count; n++) {
    for (let oh = 0; oh < outHeight; oh++) {
      for (let ow = 0; ow < outWidth; ow++) {
        let cells = 0
        forEachCell(window, x.shape, oh, ow, () => cells++)
        forEachCell(window, x.shape, oh, ow, (ih, iw) => {
          for (let c = 0; c < channels; c++) {
            const iy = ((n * outHeight + oh) * outWidth + ow) * channels + c
            visit(((n * height + ih) * width + iw) * channels + c, iy, cells)
          }
        })
      }
    }
  }
}

/** y = mean of each window's real cells (padding does not count). */
export const avgPool2d: ReferenceKernel<'avgPool2d'> = ([x], [y], attrs, { count }) => {
  y!.data.fill(0)
  forEachShare(attrs, count, x!, y!, (ix, iy, cells) => {
    y!.data[iy]! += x!.data[ix]! / cells
  })
}

/** dx = Σ dy / cells over the windows a cell lies in. */
export const avgPool2dGrad: ReferenceKernel<'avgPool2dGrad'> = ([dy], [dx], attrs, { count }) => {
  dx!.data.fill(0)
  forEachShare(attrs, count, dx!, dy!, (ix, iy, cells) => {
    dx!.data[ix]! += dy!.data[iy]! / cells
  })
}
