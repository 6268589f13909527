import type { ReferenceKernel } from '../referenceKernel'

/** x[n, h, w, c] = (pixel[n, h, w, c] / 255 − mean[c]) · invStd[c] */
export const gather: ReferenceKernel<'gather'> = ([mean, invStd], [x], _attrs, step) => {
  const channels = x!.shape.at(-1)!
  const size = x!.data.length / step.count
  for (let n = 0; n < step.count; n++) {
    for (let i = 0; i < size; i++) {
      const c = i % channels
      x!.data[n * size + i] = (step.pixel(n, i) / 255 - mean!.data[c]!) * invStd!.data[c]!
    }
  }
}
