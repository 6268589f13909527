/** Images that may not be what they should be. Every rule compares with what is usual, and says what it found. */
import type { SuspiciousImage } from '#shared/data/survey'
import { bandNumbers, type PixelMeasures } from './measurePixels'

export interface Suspect extends PixelMeasures {
  /** As in the file. */
  width: number
  height: number
  /** Of its type; null for values that are no picture. */
  scale: number | null
  warnings: readonly string[]
  /** Pixels that were measured. */
  pixels: number
}

/** Values whose standard deviation is below this share of the scale hardly differ: about one step of 255. */
const flatBelow = 0.004
/** An image is almost black (white) all over from this share of its values on. */
const allOver = 0.995
/** Of the values are not there. */
const mostlyAbsent = 0.5
/** A side is far from the median from this factor on, a ratio of sides as well. */
const farFactor = 3

/** By position, in order; images that could not be read are null. An image may be suspicious for several reasons. */
export function findSuspicious(images: readonly (Suspect | null)[]): SuspiciousImage[] {
  const readable = images.filter((image) => image !== null)
  if (readable.length === 0) return []
  const side = median(readable.map(({ width, height }) => Math.sqrt(width * height)))
  const aspect = median(readable.map(({ width, height }) => width / height))
  const bands = mostFrequent(readable.map((image) => image.bands.length / bandNumbers))
  return images.flatMap((image, i) => {
    if (image === null) return []
    const found: SuspiciousImage[] = []
    const add = (suspicion: SuspiciousImage['suspicion'], words: string) =>
      found.push({ image: i, suspicion, found: words })
    const { width, height } = image
    const own = image.bands.length / bandNumbers
    if (own !== bands) add('bands', `${own}`)
    const size = `${width}×${height}`
    if (isFar(Math.sqrt(width * height), side)) add('size', size)
    if (isFar(width / height, aspect)) add('aspect', size)
    const values = valuesOf(image)
    if (values !== null) add(...values)
    for (const warning of new Set(image.warnings)) add('warning', warning)
    return found
  })
}

/** The one most telling thing about an image's values, or null. */
function valuesOf(image: Suspect): [SuspiciousImage['suspicion'], string] | null {
  const { scale, dark, bright, pixels } = image
  const own = image.bands.length / bandNumbers
  const bands = Array.from({ length: own }, (_, band) =>
    image.bands.subarray(band * bandNumbers, (band + 1) * bandNumbers),
  )
  const valid = bands.reduce((sum, [count = 0]) => sum + count, 0) / (pixels * own)
  if (valid < 1 - mostlyAbsent) return ['noData', `${Math.round((1 - valid) * 100)} %`]
  if (bands.every(([, min, max]) => min === max))
    return ['constant', bands.map(([, min = 0]) => Number(min.toPrecision(4))).join(', ')]
  if (dark >= allOver) return ['dark', `${Math.floor(dark * 1000) / 10} %`]
  if (bright >= allOver) return ['bright', `${Math.floor(bright * 1000) / 10} %`]
  const deviation = Math.max(...bands.map(([, , , , std = 0]) => std))
  if (scale !== null && deviation < scale * flatBelow) return ['flat', deviation.toPrecision(2)]
  return null
}

function isFar(value: number, usual: number): boolean {
  return value >= usual * farFactor || value <= usual / farFactor
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? 0
}

function mostFrequent(values: readonly number[]): number {
  const counts = new Map<number, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 0
}
