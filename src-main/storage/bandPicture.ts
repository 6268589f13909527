/** Pictures for people of images whose values are not made for the eye: some bands, each stretched to what it holds. */
import type { Pixels } from '#shared/engine/tensors'

/** Shares of the values that are black, and not yet white: a few outliers would leave no contrast to the rest. */
const blackUpTo = 0.02
const whiteFrom = 0.98

/** The 2nd and the 98th percentile of the values of a band of `[pixels][bands]` that are there; 0 and 0 where none is. */
export function bandRange(values: Pixels, bands: number, band: number): [black: number, white: number] {
  const own = Float64Array.from(
    { length: values.length / bands },
    (_, i) => values[i * bands + band] as number,
  )
  const sorted = own.filter(Number.isFinite).sort()
  const black = sorted[Math.floor((sorted.length - 1) * blackUpTo)] ?? 0
  const white = sorted[Math.ceil((sorted.length - 1) * whiteFrom)] ?? 0
  return [black, white]
}

/**
 * `[pixels][bands]` as bytes: of each band, what lies in its {@link bandRange} goes from black to white. What is not there is black, a
 * band that is the same everywhere grey.
 */
export function composite(values: Pixels, bands: number): Uint8Array {
  const pixels = values.length / bands
  const result = new Uint8Array(values.length)
  for (let band = 0; band < bands; band++) {
    const [black, white] = bandRange(values, bands, band)
    const perValue = white > black ? 255 / (white - black) : 0
    for (let i = 0; i < pixels; i++) {
      const value = values[i * bands + band] as number
      if (!Number.isFinite(value)) continue
      const byte = perValue === 0 ? 128 : (value - black) * perValue
      result[i * bands + band] = Math.max(0, Math.min(255, Math.round(byte)))
    }
  }
  return result
}
