import type { NumberType } from '#shared/data/imageFacts'
import type { ImageSet, Normalisation, Pixels } from '#shared/engine/tensors'
import type { DataSettings } from '#shared/project/schema'

/** What is known of the values of each band of an image; of floats only those that are there (no NaN). */
export interface BandSums {
  counts: readonly number[]
  /** Sums and sums of squares, exact for whole numbers. */
  sums: readonly number[]
  squares: readonly number[]
  /** The smallest and the largest; 0 where there is none. */
  least: readonly number[]
  most: readonly number[]
}

/** The sums of an image's bands, `[pixels][channels]`. */
export function sumBands(pixels: Pixels, channels: number): BandSums {
  const bands = Array.from({ length: channels }, (_, band) => sumBand(pixels, channels, band))
  const all = (key: keyof (typeof bands)[number]) => bands.map((band) => band[key])
  return {
    counts: all('count'),
    sums: all('sum'),
    squares: all('square'),
    least: all('least'),
    most: all('most'),
  }
}

function sumBand(pixels: Pixels, channels: number, band: number) {
  let count = 0
  let sum = 0
  let square = 0
  let least = Infinity
  let most = -Infinity
  for (let i = band; i < pixels.length; i += channels) {
    const value = pixels[i] as number
    // Only what is neither NaN nor infinite is 0 when it is taken from itself.
    if (value - value !== 0) continue
    count++
    sum += value
    square += value * value
    if (value < least) least = value
    if (value > most) most = value
  }
  return count === 0 ? { count, sum, square, least: 0, most: 0 } : { count, sum, square, least, most }
}

/** How values become what the network sees, as the project says it. */
export type NormaliseSettings = Pick<DataSettings, 'normalise' | 'divisor'>

/** The largest value, which `unit` makes 1; floats have none and stay as they are. */
const fullScale: Record<NumberType, number> = { uint8: 255, uint16: 65535, float32: 1 }

/** Bytes are counted as shares of 255, which needs no word in a model file; others as they are. */
function unitOf(numbers: NumberType): { one: number; scale?: number } {
  return numbers === 'uint8' ? { one: 255 } : { one: 1, scale: 1 }
}

/**
 * Normalisation from the values of some images. `standardise`: mean and standard deviation (of the whole population) of every
 * band. `minmax`: the smallest value becomes 0, the largest 1. `unit`: a share of full scale. `divide`: a part of the divisor.
 * A band of one single value is divided by 1, so that it becomes 0 instead of not-a-number.
 */
export function normalisationOf(
  images: readonly BandSums[],
  channels: number,
  numbers: NumberType,
  { normalise, divisor }: NormaliseSettings,
): Normalisation {
  const zeros = new Array<number>(channels).fill(0)
  const ones = new Array<number>(channels).fill(1)
  const { one, ...scale } = unitOf(numbers)
  switch (normalise) {
    case 'unit':
      return { mean: zeros, std: ones, ...(numbers === 'uint8' ? {} : { scale: 1 / fullScale[numbers] }) }
    case 'divide':
      return { mean: zeros, std: ones, scale: 1 / divisor }
    case 'minmax': {
      const ranges = zeros.map((_, band) => rangeOf(images, band))
      return {
        mean: ranges.map(({ least }) => least / one),
        std: ranges.map(({ least, most }) => (most > least ? (most - least) / one : 1)),
        ...scale,
      }
    }
    case 'standardise': {
      const moments = numbers === 'float32' ? momentsOf : wholeMomentsOf
      const bands = zeros.map((_, band) => moments(images, band))
      return {
        mean: bands.map(({ mean }) => mean / one),
        std: bands.map(({ deviation }) => (deviation > 0 ? deviation / one : 1)),
        ...scale,
      }
    }
  }
}

function rangeOf(images: readonly BandSums[], band: number): { least: number; most: number } {
  let least = Infinity
  let most = -Infinity
  for (const image of images) {
    if (image.counts[band] === 0) continue
    least = Math.min(least, image.least[band] as number)
    most = Math.max(most, image.most[band] as number)
  }
  return least > most ? { least: 0, most: 0 } : { least, most }
}

/** With n whole numbers, the variance (n Σx² − (Σx)²) / n² is taken from whole numbers: the order of the images does not matter. */
function wholeMomentsOf(images: readonly BandSums[], band: number): { mean: number; deviation: number } {
  let count = 0
  let sum = 0n
  let square = 0n
  for (const image of images) {
    count += image.counts[band] as number
    sum += BigInt(image.sums[band] as number)
    square += BigInt(image.squares[band] as number)
  }
  if (count === 0) return { mean: 0, deviation: 0 }
  const spread = BigInt(count) * square - sum * sum
  return { mean: Number(sum) / count, deviation: Math.sqrt(Number(spread)) / count }
}

/** Means and squared deviations of the images, put together as Chan, Golub and LeVeque (1979) do it. */
function momentsOf(images: readonly BandSums[], band: number): { mean: number; deviation: number } {
  let count = 0
  let mean = 0
  let spread = 0
  for (const image of images) {
    const n = image.counts[band] as number
    if (n === 0) continue
    const own = (image.sums[band] as number) / n
    const apart = own - mean
    const total = count + n
    spread += Math.max(0, (image.squares[band] as number) - own * own * n)
    spread += (apart * apart * count * n) / total
    mean += (apart * n) / total
    count = total
  }
  const deviation = count === 0 ? 0 : Math.sqrt(spread / count)
  // What is left of rounding is no spread.
  return { mean, deviation: deviation > Math.abs(mean) * 1e-9 ? deviation : 0 }
}

/** Mean and standard deviation of bytes in memory, as {@link normalisationOf}. */
export function measureNormalisation({ channels, pixels }: ImageSet): Normalisation {
  return normalisationOf([sumBands(pixels, channels)], channels, 'uint8', {
    normalise: 'standardise',
    divisor: 1,
  })
}

/** Leaves bytes between 0 and 1. */
export function unitNormalisation(channels: number): Normalisation {
  return { mean: new Array<number>(channels).fill(0), std: new Array<number>(channels).fill(1) }
}
