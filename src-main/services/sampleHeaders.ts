import { bandNames, holds, numbersOf, type ImageFacts, type NumberType } from '#shared/data/imageFacts'
import { countSizes, type SizeCount } from '#shared/data/imageSizes'
import type { SkippedFile } from '#shared/rpc/services'
import type { DecodePool } from '../storage/decoding/decodePool'
import { skipReason } from '../storage/gatherImages'

/** Headers that are read, spread evenly over the files: classes of different origin are all among them. */
const sampled = 32
/** Where none of these can be read, so many of the first files are tried. */
const attempts = 100

/** What images have in common, as far as the headers of some tell. */
export interface HeaderSample {
  first: ImageFacts
  /** Holds the values of every image that was looked at. */
  numbers: NumberType
  bandNames: readonly string[]
  /** Headers read, how many of them tell another size than the first, and which sizes they tell. */
  sizes: { read: number; others: number; found: readonly SizeCount[] }
  /** Files whose header could not be read. */
  skipped: readonly SkippedFile[]
}

/** Reads the headers of some files; null where none of them is an image, with the reason for each. */
export async function sampleHeaders(
  files: readonly string[],
  pool: DecodePool,
): Promise<HeaderSample | { first: null; skipped: readonly SkippedFile[] }> {
  const step = Math.max(1, files.length / sampled)
  const spread = Array.from(
    { length: Math.min(files.length, sampled) },
    (_, i) => files[Math.floor(i * step)]!,
  )
  const skipped: SkippedFile[] = []
  const read = async (file: string): Promise<ImageFacts | null> => {
    try {
      return await pool.facts(file)
    } catch (thrown) {
      skipped.push({ file, reason: skipReason(thrown) })
      return null
    }
  }
  const facts = (await Promise.all(spread.map(read))).filter((one) => one !== null)
  const tried = new Set(spread)
  for (const file of files.slice(0, attempts)) {
    if (facts.length > 0) break
    const one = tried.has(file) ? null : await read(file)
    if (one !== null) facts.push(one)
  }
  const [first] = facts
  if (first === undefined) return { first: null, skipped }
  return {
    first,
    numbers: facts.map(numbersOf).reduce((wide, one) => (holds(wide, one) ? wide : one)),
    bandNames: first.names ?? bandNames(first.bands),
    sizes: {
      read: facts.length,
      others: facts.filter(({ height, width }) => height !== first.height || width !== first.width).length,
      found: countSizes(facts),
    },
    skipped,
  }
}
