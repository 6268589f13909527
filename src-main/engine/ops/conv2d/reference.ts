/**
 * Convolution as every framework defines it (cross-correlation, the kernel is not flipped):
 *
 * y[n, oh, ow, f] = bias[f] + Σ_{kh, kw, c} x[n, oh·sh − top + kh·dh, ow·sw − left + kw·dw, g·C' + c] · kernel[kh, kw, c, f]
 *
 * with C' = channels / groups and g the group of filter f. Cells outside the map are zero. Kernel `[kh, kw, C', filters]`.
 */
import type { Conv2dAttrs } from '#shared/ops'
import type { ReferenceKernel, ReferenceTensor } from '../referenceKernel'
import { forEachCell } from '../windows'

/** Visits every product of the sum above as positions in x, kernel and y. */
function forEachProduct(
  attrs: Conv2dAttrs,
  count: number,
  x: ReferenceTensor,
  y: ReferenceTensor,
  visit: (x: number, kernel: number, y: number) => void,
): void {
  const [height, width, channels] = x.shape as [number, number, number]
  const [outHeight, outWidth, filters] = y.shape as [number, number, number]
  const groupChannels = channels / attrs.groups
  const groupFilters = filters / attrs.groups
  const window = { ...attrs, size: attrs.kernelSize }
  for (let n = 0; n < count; n++) {
    for (let oh = 0; oh < outHeight; oh++) {
      for (let ow = 0; ow < outWidth; ow++) {
        forEachCell(window, x.shape, oh, ow, (ih, iw, kh, kw) => {
          for (let f = 0; f < filters; f++) {
            const firstChannel = Math.floor(f / groupFilters) * groupChannels
            for (let c = 0; c < groupChannels; c++) {
              visit(
                ((n * height + ih) * width + iw) * channels + firstChannel + c,
                ((kh * attrs.kernelSize[1] + kw) * groupChannels + c) * filters + f,
                ((n * outHeight + oh) * outWidth + ow) * filters + f,
              )
            }
          }
        })
      }
    }
  }
}

export const conv2d: ReferenceKernel<'conv2d'> = ([x, kernel, bias], [y], attrs, { count }) => {
  const filters = y!.shape.at(-1)!
  for (let i = 0; i < y!.data.length; i++) y!.data[i] = bias ? bias.data[i % filters]! : 0
  forEachProduct(attrs, count, x!, y!, (ix, ik, iy) => {
    y!.data[iy]! += x!.data[ix]! * kernel!.data[ik]!
  })
}

/** dx = Σ dy · kernel over the products each x takes part in. */
export const conv2dInputGrad: ReferenceKernel<'conv2dInputGrad'> = ([dy, kernel], [dx], attrs, { count }) => {
  dx!.data.fill(0)
  forEachProduct(attrs, count, dx!, dy!, (ix, ik, iy) => {
    dx!.data[ix]! += dy!.data[iy]! * kernel!.data[ik]!
  })
}

/** dKernel = Σ x · dy over the batch, dBias[f] = Σ dy[…, f]. */
export const conv2dWeightGrad: ReferenceKernel<'conv2dWeightGrad'> = (
  [x, dy],
  [dKernel, dBias],
  attrs,
  { count },
) => {
  dKernel!.data.fill(0)
  forEachProduct(attrs, count, x!, dy!, (ix, ik, iy) => {
    dKernel!.data[ik]! += x!.data[ix]! * dy!.data[iy]!
  })
  if (!dBias) return
  dBias.data.fill(0)
  const filters = dBias.data.length
  for (let i = 0; i < dy!.data.length; i++) dBias.data[i % filters]! += dy!.data[i]!
}
