/** A {@link Variant} applied, slow and obvious, in double precision: the truth for executors, and what a preview shows. */
import { mix32 } from '../dropout/dropoutMask'
import { byteSumDeviation, fixedOne, type Variant } from './variant'

const golden = 0x9e3779b9

/** Nearly Gaussian with mean 0 and deviation 1: number `i` of an image's noise. */
export function gauss(noiseKey: number, i: number): number {
  const first = mix32(mix32((i + golden) | 0) ^ noiseKey)
  const second = mix32((first + golden) | 0)
  let sum = 0
  for (const word of [first, second]) for (let bit = 0; bit < 32; bit += 8) sum += (word >>> bit) & 255
  return (sum - 1020) / byteSumDeviation
}

export interface VaryInput {
  height: number
  width: number
  channels: number
  /** Value `i` of the image, `[height][width][channels]`. */
  value(i: number): number
  mean: ArrayLike<number>
  invStd: ArrayLike<number>
  divisor: number
  variant: Variant
  /** Standard deviation. */
  noise: number
}

/** Fills `x`, `[height][width][channels]`, with normalised numbers. */
export function varyImage(input: VaryInput, x: Float64Array): void {
  const { height, width, channels, mean, invStd, divisor, variant, noise } = input
  const place = (position: number, size: number): { low: number; high: number; part: number } => {
    const clamped = Math.min(Math.max(position, 0), (size - 1) * fixedOne)
    const low = Math.floor(clamped / fixedOne)
    return { low, high: Math.ceil(clamped / fixedOne), part: clamped / fixedOne - low }
  }
  for (let r = 0; r < height; r++) {
    for (let c = 0; c < width; c++) {
      const row = place(variant.rowStart + r * variant.rowByRow + c * variant.rowByColumn, height)
      const column = place(variant.columnStart + r * variant.columnByRow + c * variant.columnByColumn, width)
      for (let band = 0; band < channels; band++) {
        const at = (y: number, x: number): number => input.value((y * width + x) * channels + band)
        const between = (y: number): number =>
          (1 - column.part) * at(y, column.low) + column.part * at(y, column.high)
        // One of the four that is no number makes the sum none; where a share is 0 both pixels are the same one.
        const value = (1 - row.part) * between(row.low) + row.part * between(row.high)
        const i = (r * width + c) * channels + band
        const normalised = (value / divisor - mean[band]!) * invStd[band]!
        const varied = normalised * variant.gain + variant.offset
        x[i] = Number.isFinite(value) ? varied + (noise > 0 ? noise * gauss(variant.noiseKey, i) : 0) : 0
      }
    }
  }
}
