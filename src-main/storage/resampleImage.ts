import { emptyPixels, type Pixels } from '#shared/engine/tensors'

/**
 * Resamples an image as Pillow's `BILINEAR` and torchvision's antialiased `Resize` do: pixel centres aligned, a triangle
 * over the two nearest pixels when enlarging, over all pixels within `from / to` of the centre when reducing; edges use what
 * is there. Rows first, then columns, in float64; a dimension that stays the same is left as it is. Whole numbers are rounded.
 * Floats that are not a number are not there: the others stand for them, where they have at least half of the weight.
 * `pixels` is `[height][width][channels]`.
 */
export function resampleImage<P extends Pixels>(
  pixels: P,
  from: { height: number; width: number; channels: number },
  to: { height: number; width: number },
): P {
  if (!(pixels instanceof Float32Array)) return resampleWhole(pixels, from, to, Math.round)
  if (!pixels.some(Number.isNaN)) return resampleWhole(pixels, from, to, asIs)
  const there = resampleWhole(
    pixels.map((value) => (Number.isNaN(value) ? 0 : 1)),
    from,
    to,
    asIs,
  )
  const sums = resampleWhole(
    pixels.map((value) => (Number.isNaN(value) ? 0 : value)),
    from,
    to,
    asIs,
  )
  // Weights are rounded to float32, so that half may be a little less.
  return sums.map((sum, i) => ((there[i] ?? 0) > 0.4999 ? sum / there[i]! : NaN)) as P
}

const asIs = (value: number): number => value

/** As {@link resampleImage}, of values that are all there. */
function resampleWhole<P extends Pixels>(
  pixels: P,
  from: { height: number; width: number; channels: number },
  to: { height: number; width: number },
  store: (value: number) => number,
): P {
  const { channels } = from
  const columns = triangles(from.width, to.width)
  const rows = triangles(from.height, to.height)
  const narrow = new Float64Array(from.height * to.width * channels)
  for (let y = 0, at = 0; y < from.height; y++) {
    for (const { first, weights } of columns) {
      const start = (y * from.width + first) * channels
      for (let band = 0; band < channels; band++, at++) {
        let sum = 0
        for (let k = 0; k < weights.length; k++) {
          sum += (weights[k] as number) * (pixels[start + k * channels + band] as number)
        }
        narrow[at] = sum
      }
    }
  }
  const stride = to.width * channels
  const result = emptyPixels(pixels, to.height * stride) as P
  rows.forEach(({ first, weights }, y) => {
    for (let x = 0; x < stride; x++) {
      let sum = 0
      for (let k = 0; k < weights.length; k++) {
        sum += (weights[k] as number) * (narrow[(first + k) * stride + x] as number)
      }
      result[y * stride + x] = store(sum)
    }
  })
  return result
}

/** For every output position the first input position that counts, and the weights from there on, of sum 1. */
function triangles(from: number, to: number): { first: number; weights: Float64Array }[] {
  const scale = from / to
  const support = Math.max(1, scale)
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * scale
    const first = Math.max(0, Math.floor(centre - support + 0.5))
    const end = Math.min(from, Math.floor(centre + support + 0.5))
    const weights = Float64Array.from({ length: end - first }, (__, k) =>
      Math.max(0, 1 - Math.abs(first + k - centre + 0.5) / support),
    )
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    return { first, weights: weights.map((weight) => weight / total) }
  })
}
