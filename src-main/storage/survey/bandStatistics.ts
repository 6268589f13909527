import type { BandStatistics } from '#shared/data/survey'
import { bandNumbers, bins, type PixelMeasures } from './measurePixels'

/**
 * The values of each band over all images that have `names.length` bands. Means and deviations are exact; where images have histograms
 * of different ranges, their bins are spread evenly over the common ones.
 */
export function bandStatistics(
  images: readonly Pick<PixelMeasures, 'bands' | 'histogram'>[],
  names: readonly string[],
  pixelsOf: (image: number) => number,
): BandStatistics[] {
  const own = images.map((image, i) => ({ ...image, pixels: pixelsOf(i) }))
  const measured = own.filter(({ bands }) => bands.length === names.length * bandNumbers)
  return names.map((name, band) => {
    const total = {
      count: 0,
      min: Infinity,
      max: -Infinity,
      sum: 0,
      squares: 0,
      pixels: 0,
      from: Infinity,
      to: -Infinity,
    }
    for (const { bands, pixels } of measured) {
      const [count = 0, min = 0, max = 0, mean = 0, , from = 0, to = 0] = numbersOf(bands, band)
      total.pixels += pixels
      if (count === 0) continue
      total.count += count
      total.min = Math.min(total.min, min)
      total.max = Math.max(total.max, max)
      total.sum += count * mean
      total.from = Math.min(total.from, from)
      total.to = Math.max(total.to, to)
    }
    if (total.count === 0)
      return { name, min: 0, max: 0, mean: 0, std: 0, valid: 0, histogram: { from: 0, to: 1, shares: [] } }
    const mean = total.sum / total.count
    const shares = new Float64Array(bins)
    for (const { bands, histogram } of measured) {
      const [count = 0, , , own = 0, std = 0, from = 0, to = 0] = numbersOf(bands, band)
      if (count === 0) continue
      total.squares += count * (std * std + (own - mean) ** 2)
      spread(
        histogram.subarray(band * bins, (band + 1) * bins),
        { from, to },
        count / total.count,
        shares,
        total,
      )
    }
    const sum = shares.reduce((a, b) => a + b, 0)
    return {
      name,
      min: total.min,
      max: total.max,
      mean,
      std: Math.sqrt(total.squares / total.count),
      valid: total.pixels === 0 ? 0 : total.count / total.pixels,
      histogram: { from: total.from, to: total.to, shares: Array.from(shares, (share) => share / sum) },
    }
  })
}

function numbersOf(bands: Float64Array, band: number): Float64Array {
  return bands.subarray(band * bandNumbers, (band + 1) * bandNumbers)
}

/** Adds one image's histogram to the common one. */
function spread(
  own: Uint16Array,
  range: { from: number; to: number },
  weight: number,
  into: Float64Array,
  common: { from: number; to: number },
): void {
  const width = common.to - common.from
  if (width <= 0) {
    into[0]! += weight
    return
  }
  const ownWidth = (range.to - range.from) / bins
  for (let bin = 0; bin < bins; bin++) {
    const share = ((own[bin] ?? 0) / 65_535) * weight
    if (share === 0) continue
    const left = ((range.from + bin * ownWidth - common.from) / width) * bins
    const right = ((range.from + (bin + 1) * ownWidth - common.from) / width) * bins
    if (right <= left) {
      into[Math.min(bins - 1, Math.floor(left))]! += share
      continue
    }
    for (let to = Math.floor(left); to < Math.min(bins, right); to++) {
      const overlap = Math.min(right, to + 1) - Math.max(left, to)
      if (overlap > 0) into[Math.min(bins - 1, to)]! += (share * overlap) / (right - left)
    }
  }
}
