/** What a survey keeps of an image: its values in few numbers, and what it looks like in 64 bits. */

import type { Pixels } from '#shared/engine/tensors'

/** Bins of a histogram. */
export const bins = 64

/** Columns and rows of the cells that tell what an image looks like: one column more than the hash has bits in a row. */
const columns = 9
const rows = 8

/** Numbers kept of each band: how many values are there, least, largest, mean, standard deviation, range of the histogram. */
export const bandNumbers = 7

/** An image's values and looks. */
export interface PixelMeasures {
  /** `[bands][count, min, max, mean, std, from, to]`; a band without values is all 0. */
  bands: Float64Array
  /** `[bands][64]`, shares of 65,535 of the band's values. */
  histogram: Uint16Array
  /**
   * Difference hash of 64 bits (Krawetz 2013, "Kind of Like That"): an image of 9×8 grey cells, a bit wherever a cell is lighter than
   * the next one in its row. As two whole numbers of 32 bits.
   */
  hash: [number, number]
  /** Those 9×8 cells, 0 the darkest, 255 the lightest of them. */
  cells: Uint8Array
  /** Share of the values that are almost black, and almost white, of a picture; 0 of a raster. */
  dark: number
  bright: number
}

/**
 * Measures pixels `[height][width][channels]`. Values that are not finite are not there. `scale`: the largest value of a picture (255,
 * 65,535); null for values that are no picture.
 */
export function measurePixels(
  pixels: Pixels,
  size: { height: number; width: number; channels: number },
  scale: number | null,
): PixelMeasures {
  const { channels } = size
  const bands = new Float64Array(channels * bandNumbers)
  const histogram = new Uint16Array(channels * bins)
  for (let band = 0; band < channels; band++) {
    bands.set(
      measureBand(pixels, channels, band, histogram.subarray(band * bins, (band + 1) * bins)),
      band * bandNumbers,
    )
  }
  const grey = greyCells(pixels, size)
  const { dark, bright } = scale === null ? { dark: 0, bright: 0 } : extremes(pixels, scale)
  return { bands, histogram, hash: differenceHash(grey), cells: stretched(grey), dark, bright }
}

function measureBand(pixels: Pixels, channels: number, band: number, shares: Uint16Array): number[] {
  let count = 0
  let min = Infinity
  let max = -Infinity
  let sum = 0
  for (let i = band; i < pixels.length; i += channels) {
    const value = pixels[i] as number
    if (!Number.isFinite(value)) continue
    count++
    sum += value
    if (value < min) min = value
    if (value > max) max = value
  }
  if (count === 0) return new Array<number>(bandNumbers).fill(0)
  const mean = sum / count
  // Bytes have bins of four values each, the same for all images; others divide what the image has.
  const bytes = pixels instanceof Uint8Array
  const from = bytes ? 0 : min
  const to = bytes ? 256 : max
  const perValue = to > from ? bins / (to - from) : 0
  const counts = new Float64Array(bins)
  let squares = 0
  for (let i = band; i < pixels.length; i += channels) {
    const value = pixels[i] as number
    if (!Number.isFinite(value)) continue
    squares += (value - mean) ** 2
    counts[Math.min(bins - 1, Math.floor((value - from) * perValue))]! += 1
  }
  for (let bin = 0; bin < bins; bin++) shares[bin] = Math.round((counts[bin]! / count) * 65_535)
  return [count, min, max, mean, Math.sqrt(squares / count), from, to]
}

/** Mean over bands and over the pixels of each cell; cells without values are 0. */
function greyCells(
  pixels: Pixels,
  { height, width, channels }: { height: number; width: number; channels: number },
): Float64Array {
  const sums = new Float64Array(rows * columns)
  const counts = new Float64Array(rows * columns)
  for (let row = 0; row < rows; row++) {
    // An image with fewer pixels than cells has some of them in several cells.
    const top = Math.floor((row * height) / rows)
    const bottom = Math.max(top + 1, Math.floor(((row + 1) * height) / rows))
    for (let column = 0; column < columns; column++) {
      const left = Math.floor((column * width) / columns)
      const right = Math.max(left + 1, Math.floor(((column + 1) * width) / columns))
      const cell = row * columns + column
      for (let y = top; y < bottom; y++) {
        for (let i = (y * width + left) * channels; i < (y * width + right) * channels; i++) {
          const value = pixels[i] as number
          if (!Number.isFinite(value)) continue
          sums[cell]! += value
          counts[cell]! += 1
        }
      }
    }
  }
  return sums.map((sum, cell) => (counts[cell] ? sum / counts[cell] : 0))
}

function differenceHash(cells: Float64Array): [number, number] {
  const hash: [number, number] = [0, 0]
  for (let row = 0, bit = 0; row < rows; row++) {
    for (let column = 0; column < columns - 1; column++, bit++) {
      const lighter = cells[row * columns + column]! > cells[row * columns + column + 1]!
      if (lighter) hash[bit >> 5 === 0 ? 0 : 1] |= 1 << (bit & 31)
    }
  }
  return [hash[0] >>> 0, hash[1] >>> 0]
}

function stretched(cells: Float64Array): Uint8Array {
  let min = Infinity
  let max = -Infinity
  for (const value of cells) {
    if (value < min) min = value
    if (value > max) max = value
  }
  return Uint8Array.from(cells, (value) => (max > min ? Math.round(((value - min) / (max - min)) * 255) : 0))
}

/** Almost black and almost white are 3 % of the scale, 8 of 255. */
const almost = 0.03

function extremes(pixels: Pixels, scale: number): { dark: number; bright: number } {
  let dark = 0
  let bright = 0
  for (let i = 0; i < pixels.length; i++) {
    const value = pixels[i] as number
    if (value <= scale * almost) dark++
    else if (value >= scale * (1 - almost)) bright++
  }
  return { dark: dark / pixels.length, bright: bright / pixels.length }
}
