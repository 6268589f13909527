import type { ImageSet, Normalisation } from '#shared/engine/tensors'

/** Sum and sum of squares of the bytes of each band; exact. */
export interface BandSums {
  sums: readonly number[]
  squares: readonly number[]
}

/** The sums of an image's bands, `[pixels][channels]`. */
export function sumBands(pixels: Uint8Array, channels: number): BandSums {
  const sums = new Array<number>(channels).fill(0)
  const squares = new Array<number>(channels).fill(0)
  for (let band = 0; band < channels; band++) {
    let sum = 0
    let square = 0
    for (let i = band; i < pixels.length; i += channels) {
      const byte = pixels[i] as number
      sum += byte
      square += byte * byte
    }
    sums[band] = sum
    squares[band] = square
  }
  return { sums, squares }
}

/**
 * Mean and standard deviation (of the whole population) of every band over all pixels of some images, of values byte / 255.
 * A band of one single value has std 1, so that it becomes 0 instead of not-a-number. With n values, the variance
 * (n Σx² − (Σx)²) / n² is taken from whole numbers: it does not depend on the order of the images.
 */
export function normalisationOf(images: Iterable<BandSums>, channels: number, pixels: number): Normalisation {
  const sums = new Array<bigint>(channels).fill(0n)
  const squares = new Array<bigint>(channels).fill(0n)
  for (const image of images) {
    for (let band = 0; band < channels; band++) {
      sums[band] = (sums[band] as bigint) + BigInt(image.sums[band] ?? 0)
      squares[band] = (squares[band] as bigint) + BigInt(image.squares[band] ?? 0)
    }
  }
  const spread = sums.map((sum, band) => BigInt(pixels) * (squares[band] as bigint) - sum * sum)
  return {
    mean: sums.map((sum) => Number(sum) / pixels / 255),
    std: spread.map((whole) => (whole > 0n ? Math.sqrt(Number(whole)) / pixels / 255 : 1)),
  }
}

/** As {@link normalisationOf}, of images in memory. */
export function measureNormalisation({ channels, pixels }: ImageSet<Uint8Array>): Normalisation {
  return normalisationOf([sumBands(pixels, channels)], channels, pixels.length / channels)
}

/** Leaves values between 0 and 1. */
export function unitNormalisation(channels: number): Normalisation {
  return { mean: new Array<number>(channels).fill(0), std: new Array<number>(channels).fill(1) }
}
