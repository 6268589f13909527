import type { Padding4 } from '#shared/ops'
import type { ReferenceKernel, ReferenceTensor } from '../referenceKernel'

/** Positions of every number of the small map, in the small and in the padded tensor. */
function forEachInner(
  [top, , left]: Padding4,
  count: number,
  inner: ReferenceTensor,
  padded: ReferenceTensor,
  visit: (inner: number, padded: number) => void,
): void {
  const [height, width, channels] = inner.shape as [number, number, number]
  const [paddedHeight, paddedWidth] = padded.shape as [number, number, number]
  for (let n = 0; n < count; n++) {
    for (let h = 0; h < height; h++) {
      for (let w = 0; w < width; w++) {
        for (let c = 0; c < channels; c++) {
          visit(
            ((n * height + h) * width + w) * channels + c,
            ((n * paddedHeight + h + top) * paddedWidth + w + left) * channels + c,
          )
        }
      }
    }
  }
}

/** y is x with rows and columns of zeros around it. */
export const zeroPad2d: ReferenceKernel<'zeroPad2d'> = ([x], [y], { padding }, { count }) => {
  y!.data.fill(0)
  forEachInner(padding, count, x!, y!, (ix, iy) => {
    y!.data[iy] = x!.data[ix]!
  })
}

/** dx is the inner part of dy. */
export const zeroPad2dGrad: ReferenceKernel<'zeroPad2dGrad'> = ([dy], [dx], { padding }, { count }) => {
  forEachInner(padding, count, dx!, dy!, (ix, iy) => {
    dx!.data[ix] = dy!.data[iy]!
  })
}
