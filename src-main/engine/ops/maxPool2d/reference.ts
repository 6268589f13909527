import type { Pool2dAttrs } from '#shared/ops'
import type { ReferenceKernel, ReferenceTensor } from '../referenceKernel'
import { forEachCell } from '../windows'

/** For every output: its position, and the position in x of the first largest cell of its window. Padding is ignored. */
function forEachMaximum(
  attrs: Pool2dAttrs,
  count: number,
  x: ReferenceTensor,
  outShape: readonly number[],
  visit: (y: number, largest: number) => void,
): void {
  const [height, width, channels] = x.shape as [number, number, number]
  const [outHeight, outWidth] = outShape as [number, number, number]
  const window = { ...attrs, size: attrs.poolSize, dilation: [1, 1] as const }
  for (let n = 0; n < count; n++) {
    for (let oh = 0; oh < outHeight; oh++) {
      for (let ow = 0; ow < outWidth; ow++) {
        for (let c = 0; c < channels; c++) {
          let largest = -1
          forEachCell(window, x.shape, oh, ow, (ih, iw) => {
            const i = ((n * height + ih) * width + iw) * channels + c
            if (largest < 0 || x.data[i]! > x.data[largest]!) largest = i
          })
          visit(((n * outHeight + oh) * outWidth + ow) * channels + c, largest)
        }
      }
    }
  }
}

/** y = the largest cell of each window. */
export const maxPool2d: ReferenceKernel<'maxPool2d'> = ([x], [y], attrs, { count }) => {
  forEachMaximum(attrs, count, x!, y!.shape, (iy, largest) => {
    y!.data[iy] = x!.data[largest]!
  })
}

/** dy of each window goes to its first largest cell (row by row), as in PyTorch. */
export const maxPool2dGrad: ReferenceKernel<'maxPool2dGrad'> = ([x, y, dy], [dx], attrs, { count }) => {
  dx!.data.fill(0)
  forEachMaximum(attrs, count, x!, y!.shape, (iy, largest) => {
    dx!.data[largest]! += dy!.data[iy]!
  })
}
