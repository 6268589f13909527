import type { ImageSet, Normalisation } from '#shared/engine/tensors'

/**
 * Mean and standard deviation (of the whole population) of every band over the images given, of values byte / 255.
 * A band of one single value has std 1, so that it becomes 0 instead of not-a-number. Exact: counted per byte value.
 */
export function measureNormalisation(images: ImageSet): Normalisation {
  const { channels, pixels } = images
  const counts = Array.from({ length: channels }, () => new Float64Array(256))
  for (let i = 0; i < pixels.length;) {
    for (let band = 0; band < channels; band++, i++) {
      const histogram = counts[band] as Float64Array
      const byte = pixels[i] as number
      histogram[byte] = (histogram[byte] as number) + 1
    }
  }
  const total = pixels.length / channels
  const mean: number[] = []
  const std: number[] = []
  for (const histogram of counts) {
    const bandMean = histogram.reduce((sum, count, byte) => sum + count * byte, 0) / total
    const variance = histogram.reduce((sum, count, byte) => sum + count * (byte - bandMean) ** 2, 0) / total
    mean.push(bandMean / 255)
    std.push(variance > 0 ? Math.sqrt(variance) / 255 : 1)
  }
  return { mean, std }
}

/** Leaves values between 0 and 1. */
export function unitNormalisation(channels: number): Normalisation {
  return { mean: new Array<number>(channels).fill(0), std: new Array<number>(channels).fill(1) }
}
