/** Which bands of the images reach the network: some of the stored ones, and some computed from them. */
import { InterlockError } from '../issues/errors'
import { bandsOf, parseFormula } from './formula'

/** A band of the network: a stored one, or a formula of stored ones. */
export interface WantedBand {
  name: string
  /** Null: the stored band of this name. */
  formula: string | null
}

export interface BandChoice {
  /** Names of the bands as the files hold them, in their order. */
  stored: readonly string[]
  /** The network's bands in its order. */
  wanted: readonly WantedBand[]
}

/** What a project says of bands. */
export interface BandSettings {
  bandNames: readonly string[] | null
  bands: readonly string[] | null
  indices: readonly { name: string; formula: string }[]
}

/**
 * The bands of a project for images with these bands; null where it takes them as they come: all of a raster, or grey or colour
 * of a picture. Throws BAND_NAMES_DIFFER, BAND_UNKNOWN, FORMULA_INVALID.
 */
export function chooseBands(found: readonly string[], settings: BandSettings): BandChoice | null {
  const { bandNames, bands, indices } = settings
  if (bandNames !== null && bandNames.length !== found.length)
    throw new InterlockError('BAND_NAMES_DIFFER', { names: bandNames.length, bands: found.length })
  if (bands === null && indices.length === 0) return null
  const stored = bandNames ?? found
  const wanted = (bands ?? stored).map((name) => ({ name: findBand(stored, name), formula: null }))
  const computed = indices.map(({ name, formula }) => {
    for (const band of bandsOf(parseFormula(formula))) findBand(stored, band)
    return { name, formula }
  })
  return { stored, wanted: [...wanted, ...computed] }
}

/** The stored name that is meant: the same, or the only one that differs in capitals alone. Throws BAND_UNKNOWN. */
export function findBand(stored: readonly string[], name: string): string {
  if (stored.includes(name)) return name
  const alike = stored.filter((one) => one.toLowerCase() === name.toLowerCase())
  if (alike.length === 1) return alike[0] as string
  throw new InterlockError('BAND_UNKNOWN', { band: name, bands: stored.join(', ') })
}

/** Positions of the stored bands that are needed, and how to get the network's bands from them. */
export function neededBands({ stored, wanted }: BandChoice): number[] {
  const names = wanted.flatMap(({ name, formula }) =>
    formula === null ? [name] : bandsOf(parseFormula(formula)),
  )
  const positions = names.map((name) => stored.indexOf(findBand(stored, name)))
  return [...new Set(positions)].sort((a, b) => a - b)
}

/** What a first image, or all of them, tell of bands. */
export interface FoundBands {
  kind: 'picture' | 'raster'
  /** Names that the files give, or by their number. */
  bandNames: readonly string[]
}

/** What images offer to a network. */
export interface OfferedBands {
  names: readonly string[]
  /** They cannot be turned into grey or colour: the input block must take just these. */
  exact: boolean
  /** They are red, green and blue. */
  colour: boolean
}

/** The bands that reach the network. Throws as {@link chooseBands}. */
export function offerBands({ kind, bandNames }: FoundBands, settings: BandSettings): OfferedBands {
  const choice = chooseBands(bandNames, settings)
  if (choice !== null) return { names: choice.wanted.map(({ name }) => name), exact: true, colour: false }
  const names = settings.bandNames ?? bandNames
  const convertible = names.length === 1 || names.length === 3
  return { names, exact: !convertible, colour: names.length === 3 && kind === 'picture' }
}
