import type { ReferenceKernel } from '../referenceKernel'

/** y[n, c] = mean of x[n, h, w, c] over h and w */
export const globalAvgPool2d: ReferenceKernel<'globalAvgPool2d'> = ([x], [y], _attrs, { count }) => {
  const [height, width, channels] = x!.shape as [number, number, number]
  const cells = height * width
  for (let n = 0; n < count; n++) {
    for (let c = 0; c < channels; c++) {
      let sum = 0
      for (let i = 0; i < cells; i++) sum += x!.data[(n * cells + i) * channels + c]!
      y!.data[n * channels + c] = sum / cells
    }
  }
}

/** dx[n, h, w, c] = dy[n, c] / (height · width) */
export const globalAvgPool2dGrad: ReferenceKernel<'globalAvgPool2dGrad'> = (
  [dy],
  [dx],
  _attrs,
  { count },
) => {
  const [height, width, channels] = dx!.shape as [number, number, number]
  const cells = height * width
  for (let n = 0; n < count; n++) {
    for (let i = 0; i < cells; i++) {
      for (let c = 0; c < channels; c++) {
        dx!.data[(n * cells + i) * channels + c] = dy!.data[n * channels + c]! / cells
      }
    }
  }
}
