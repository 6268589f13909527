import type { ReferenceKernel } from '../referenceKernel'
import { drawVariant } from './variant'
import { varyImage } from './varyImage'

/** x[n, h, w, c] = (value[n, h, w, c] / divisor − mean[c]) · invStd[c], or 0 where the value is not a finite number */
export const gather: ReferenceKernel<'gather'> = ([mean, invStd, divisor], [x], { augmentation }, step) => {
  const [height, width, channels] = x!.shape as [number, number, number]
  const size = height * width * channels
  for (let n = 0; n < step.count; n++) {
    const image = x!.data.subarray(n * size, (n + 1) * size)
    const normalisation = { mean: mean!.data, invStd: invStd!.data, divisor: divisor!.data[0]! }
    const value = (i: number): number => step.pixel(n, i)
    if (augmentation) {
      const variant = drawVariant(augmentation, height, width, { seed: step.seed, ...step.drawn(n) })
      const { noise } = augmentation
      varyImage({ height, width, channels, value, ...normalisation, variant, noise }, image)
      continue
    }
    for (let i = 0; i < size; i++) {
      const c = i % channels
      const normalised = (value(i) / normalisation.divisor - mean!.data[c]!) * invStd!.data[c]!
      image[i] = Number.isFinite(value(i)) ? normalised : 0
    }
  }
}
