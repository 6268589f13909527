import type { ReferenceKernel } from '../referenceKernel'

/** x[n, h, w, c] = (value[n, h, w, c] / divisor − mean[c]) · invStd[c], or 0 where the value is not a finite number */
export const gather: ReferenceKernel<'gather'> = ([mean, invStd, divisor], [x], _attrs, step) => {
  const channels = x!.shape.at(-1)!
  const size = x!.data.length / step.count
  for (let n = 0; n < step.count; n++) {
    for (let i = 0; i < size; i++) {
      const c = i % channels
      const value = step.pixel(n, i)
      const normalised = (value / divisor!.data[0]! - mean!.data[c]!) * invStd!.data[c]!
      x!.data[n * size + i] = Number.isFinite(value) ? normalised : 0
    }
  }
}
