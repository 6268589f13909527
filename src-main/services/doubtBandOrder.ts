import { chooseBands } from '#shared/data/bandChoice'
import { doubtBands, type BandDoubt } from '#shared/data/sentinel2'
import type { DataSettings } from '#shared/project/schema'
import type { DecodePool } from '../storage/decoding/decodePool'
import type { SourceFacts } from './inspectSource'

/** Images that are looked at, and their side: enough pixels to tell a dark band. */
const looked = 8
const side = 32

/** Decodes a few images and asks whether bands named as Sentinel-2's look like them; null where there is no doubt, or no such name. */
export async function doubtBandOrder(
  files: readonly string[],
  { bands, bandNames }: SourceFacts,
  data: DataSettings,
  pool: DecodePool,
): Promise<BandDoubt | null> {
  const names = data.bandNames ?? bandNames
  if (names.length !== bands || !names.includes('B8A')) return null
  const all = chooseBands(bandNames, { bandNames: names, bands: names, indices: [] })
  const size = { height: side, width: side, channels: bands, resize: 'stretch' } as const
  const step = Math.max(1, files.length / looked)
  const spread = Array.from(
    { length: Math.min(looked, files.length) },
    (_, i) => files[Math.floor(i * step)]!,
  )
  const decoded = await Promise.all(
    spread.map((file) =>
      pool.decode(file, { ...size, numbers: 'float32', bands: all }).then(
        ({ pixels }) => Array.from(pixels),
        () => [],
      ),
    ),
  )
  const values = decoded.flat()
  const column = (band: number) => values.filter((value, i) => i % bands === band && Number.isFinite(value))
  const means = names.map((_, band) => mean(column(band)))
  if (means.some(Number.isNaN)) return null
  return doubtBands(names, means, (a, b) => correlation(values, bands, a, b))
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Pearson's, of two bands of `[pixels][bands]`. */
function correlation(values: readonly number[], bands: number, a: number, b: number): number {
  const pairs: [number, number][] = []
  for (let i = 0; i < values.length; i += bands) {
    const pair: [number, number] = [values[i + a]!, values[i + b]!]
    if (pair.every(Number.isFinite)) pairs.push(pair)
  }
  const [meanA, meanB] = [mean(pairs.map(([x]) => x)), mean(pairs.map(([, y]) => y))]
  const sum = (of: (x: number, y: number) => number) =>
    pairs.reduce((total, [x, y]) => total + of(x - meanA, y - meanB), 0)
  return sum((x, y) => x * y) / Math.sqrt(sum((x) => x * x) * sum((_, y) => y * y))
}
