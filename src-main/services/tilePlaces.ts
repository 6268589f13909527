import { InterlockError } from '#shared/issues/errors'
import type { Box } from '../storage/spatialBlocks'
import { readPlace, type TilePlace } from '../storage/tilePlace'

/** Where the files of a folder lie on the map, all in one coordinate system. Null: the file cannot be read. */
export interface TilePlaces {
  /** As people name it: `EPSG:32632`. */
  system: string
  boxes: readonly (Box | null)[]
}

/** Files looked at side by side. */
const lookedAtOnce = 32

/** What is known of files by their path; a window remembers it as long as the walk of their folder. */
export type KnownPlaces = Map<string, TilePlace | 'none' | 'unreadable'>

/**
 * Reads from the files' headers where they lie. Throws DATA_NO_PLACE where a readable one does not say, DATA_PLACES_DIFFER where they
 * are in several coordinate systems, and the signal's reason.
 */
export async function readPlaces(
  folder: string,
  files: readonly string[],
  known: KnownPlaces = new Map(),
  {
    signal,
    onRead,
  }: { signal?: AbortSignal | undefined; onRead?: ((files: number) => void) | undefined } = {},
): Promise<TilePlaces> {
  const wanted = files.filter((file) => !known.has(file))
  for (let from = 0; from < wanted.length; from += lookedAtOnce) {
    signal?.throwIfAborted()
    const some = wanted.slice(from, from + lookedAtOnce)
    const places = await Promise.all(some.map((file) => placeOf(file)))
    some.forEach((file, i) => known.set(file, places[i] as TilePlace | 'none' | 'unreadable'))
    onRead?.(from + some.length)
  }
  const places = files.map((file) => known.get(file))
  const without = files.filter((_, i) => places[i] === 'none')
  if (without.length > 0)
    throw new InterlockError('DATA_NO_PLACE', { folder, count: without.length, file: without[0] as string })
  const found = places.map((place) => (typeof place === 'object' ? place : null))
  const systems = [...new Set(found.flatMap((place) => (place === null ? [] : [place.system])))]
  if (systems.length > 1) {
    const names = systems.slice(0, 5).join(', ')
    throw new InterlockError('DATA_PLACES_DIFFER', {
      folder,
      count: systems.length,
      names,
      first: systems[0] as string,
    })
  }
  return { system: systems[0] ?? '', boxes: found.map((place) => place?.box ?? null) }
}

async function placeOf(file: string): Promise<TilePlace | 'none' | 'unreadable'> {
  return readPlace(file).then(
    (place) => place ?? 'none',
    () => 'unreadable',
  )
}
