/** Which bands of an image people see: three as red, green and blue, or one as grey. Nothing is computed from them. */
import { findBand, type BandChoice, type BandSettings, type WantedBand } from './bandChoice'
import { bandsOf, parseFormula } from './formula'
import { bandFor } from './sentinel2'

/** What a project says of it. */
export interface DisplaySettings extends Pick<BandSettings, 'bandNames' | 'indices'> {
  /** Names of three bands, stored or computed, or of one; null: as usual. */
  display: readonly string[] | null
}

export const usualDisplay: DisplaySettings = { bandNames: null, indices: [], display: null }

/** These settings out of more. */
export function displayOf({ bandNames, indices, display }: DisplaySettings): DisplaySettings {
  return { bandNames, indices, display }
}

/**
 * The bands that a project chose, of an image whose file has bands of these names; null where it chose none, or the image lacks one of
 * them: other images than the project's are shown too.
 */
export function chosenBands(found: readonly string[], settings: DisplaySettings): BandChoice | null {
  const stored = storedNames(found, settings)
  const wanted = settings.display?.map((name) => wantedBand(name, stored, settings.indices)) ?? [null]
  const known = wanted.filter((band) => band !== null)
  return known.length === wanted.length ? { stored, wanted: known } : null
}

/** The chosen bands, or else red, green and blue by their names, the first three, or the first. */
export function displayBands(found: readonly string[], settings: DisplaySettings): BandChoice {
  const chosen = chosenBands(found, settings)
  if (chosen !== null) return chosen
  const stored = storedNames(found, settings)
  return { stored, wanted: usualBands(stored).map((name) => ({ name, formula: null })) }
}

/** What is shown where nothing was chosen. */
export function usualBands(stored: readonly string[]): string[] {
  const named = (['red', 'green', 'blue'] as const).map((role) => bandFor(role, stored))
  const colours = named.filter((name) => name !== null)
  return colours.length === 3 ? colours : stored.slice(0, stored.length >= 3 ? 3 : 1)
}

/** Near infrared as red, as plants are told in images from above; null where the bands are not known by their names. */
export function infraredBands(stored: readonly string[]): string[] | null {
  const named = (['nir', 'red', 'green'] as const).map((role) => bandFor(role, stored))
  const known = named.filter((name) => name !== null)
  return known.length === 3 ? known : null
}

function storedNames(found: readonly string[], { bandNames }: DisplaySettings): readonly string[] {
  return bandNames?.length === found.length ? bandNames : found
}

function wantedBand(
  name: string,
  stored: readonly string[],
  indices: DisplaySettings['indices'],
): WantedBand | null {
  if (stored.includes(name)) return { name, formula: null }
  const index = indices.find((one) => one.name === name)
  if (index === undefined) return null
  try {
    for (const band of bandsOf(parseFormula(index.formula))) findBand(stored, band)
    return index
  } catch {
    return null
  }
}
