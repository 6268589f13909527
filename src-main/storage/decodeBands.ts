/** Images of which each band is a file of its own (`bandFiles.ts`). */
import { neededBands } from '#shared/data/bandChoice'
import { holds, numbersOf, type ImageFacts } from '#shared/data/imageFacts'
import { emptyPixels, type Pixels } from '#shared/engine/tensors'
import { InterlockError } from '#shared/issues/errors'
import type { BandPart } from './bandFiles'
import { combineBands } from './combineBands'
import { decodeImage, newNotes, readImageFacts, type DecodeNotes } from './decodeImage'
import type { ImageTarget } from './fitPixels'

interface BandBytes extends BandPart {
  bytes: Buffer
}

/**
 * The size is that of the finest band, the numbers those of the widest; `factsOf` reads a band's own. Throws as that does, and
 * IMAGE_UNREADABLE with the band's file.
 */
export async function readBandFacts<P extends BandPart>(
  parts: readonly P[],
  factsOf: (part: P) => Promise<ImageFacts>,
): Promise<ImageFacts> {
  const all = await Promise.all(parts.map(factsOf))
  parts.forEach(({ file }, i) => requireOneBand(file, all[i]!.bands))
  const finest = all.reduce((best, one) => (one.width > best.width ? one : best))
  const widest = all.reduce((wide, one) => (holds(numbersOf(wide), numbersOf(one)) ? wide : one))
  const { height, width, geo } = finest
  const { numbers, noData } = widest
  const names = parts.map(({ band }) => band)
  return { height, width, bands: parts.length, kind: 'raster', numbers, names, noData, geo }
}

/**
 * Each band is brought to the target's size from its own resolution, then they are put together. Throws IMAGE_UNREADABLE with the
 * band's file in its reason.
 */
export async function decodeBands(
  name: string,
  parts: readonly BandBytes[],
  target: ImageTarget,
  notes: DecodeNotes = newNotes(),
): Promise<Pixels> {
  const choice = target.bands ?? null
  const wanted = choice?.stored.length ?? target.channels
  if (wanted !== parts.length) {
    const problem = `it has ${parts.length} bands, the images have ${wanted}`
    throw new InterlockError('IMAGE_UNREADABLE', { file: name, problem })
  }
  const needed = choice === null ? parts.map((_, i) => i) : neededBands(choice)
  const bands: Pixels[] = []
  for (const position of needed) bands.push(await decodeBand(name, parts[position]!, target, notes))
  const together = emptyPixels(bands[0]!, bands[0]!.length * bands.length)
  bands.forEach((band, to) => {
    for (let i = 0; i < band.length; i++) together[i * bands.length + to] = band[i] as number
  })
  return choice === null ? together : combineBands(together, needed, choice)
}

async function decodeBand(
  name: string,
  { file, bytes }: BandBytes,
  target: ImageTarget,
  notes: DecodeNotes,
): Promise<Pixels> {
  const own = newNotes()
  try {
    requireOneBand(file, (await readImageFacts(file, bytes)).bands)
    const pixels = await decodeImage(file, bytes, { ...target, channels: 1, bands: null }, own)
    for (const warning of own.warnings) notes.warnings.add(`${file}: ${warning}`)
    // The image has the size of its finest band.
    if (own.size !== null && own.size.width > (notes.size?.width ?? 0)) notes.size = own.size
    return pixels
  } catch (thrown) {
    if (!(thrown instanceof InterlockError)) throw thrown
    const problem = `${file}: ${String(thrown.details['problem'] ?? thrown.message)}`
    throw new InterlockError(thrown.code, { ...thrown.details, file: name, problem }, { cause: thrown })
  }
}

function requireOneBand(file: string, bands: number): void {
  if (bands === 1) return
  const problem = `it has ${bands} bands, where each band is a file of its own`
  throw new InterlockError('IMAGE_UNREADABLE', { file, problem })
}
