/** Sentinel-2's bands: in which orders files hold them, and how to tell a wrong one. */

/** Level 1C, as products list them: B8A stands where its wavelength is. */
export const productOrder = [
  ...['B01', 'B02', 'B03', 'B04', 'B05', 'B06', 'B07', 'B08', 'B8A', 'B09', 'B10', 'B11', 'B12'],
] as const

/** As EuroSAT's files hold them: B8A comes last. */
export const eurosatOrder = [
  ...['B01', 'B02', 'B03', 'B04', 'B05', 'B06', 'B07', 'B08', 'B09', 'B10', 'B11', 'B12', 'B8A'],
] as const

/** Level 2A has no B10: cirrus is corrected for. */
export const surfaceOrder = productOrder.filter((band) => band !== 'B10')

export const bandOrders = { product: productOrder, eurosat: eurosatOrder, surface: surfaceOrder } as const
export type BandOrder = keyof typeof bandOrders

/** Orders that files of so many bands may have. */
export function ordersOf(bands: number): BandOrder[] {
  return (Object.keys(bandOrders) as BandOrder[]).filter((order) => bandOrders[order].length === bands)
}

/** A band that does not look like what it is called: `found` looks like `expected`. */
export interface BandDoubt {
  expected: 'B10' | 'B8A'
  found: string
}

/** They go with B08 about as closely as B8A does. */
const neighbours: readonly string[] = ['B06', 'B07', 'B08', 'B8A']

/** How much darker than any other a band must be to be taken for B10. */
const darker = 3

/**
 * Whether bands look like what they are called, from the means of each band over some pixels, and the correlations of two bands.
 * B10 sees only cirrus clouds, so that it is by far the darkest band of almost any place; B8A is a narrower B08, so that but for
 * the bands beside it no other goes with B08 more closely. Null where nothing speaks against the names.
 */
export function doubtBands(
  names: readonly string[],
  means: readonly number[],
  correlation: (a: number, b: number) => number,
): BandDoubt | null {
  const at = (name: string) => names.indexOf(name)
  const [cirrus, narrow, broad] = [at('B10'), at('B8A'), at('B08')]
  if (cirrus >= 0) {
    const darkest = means.indexOf(Math.min(...means))
    const second = Math.min(...means.filter((_, i) => i !== darkest))
    if (darkest !== cirrus && means[darkest]! * darker < second)
      return { expected: 'B10', found: names[darkest]! }
  }
  if (narrow < 0 || broad < 0) return null
  const own = correlation(broad, narrow)
  const closer = names.findIndex((name, i) => !neighbours.includes(name) && correlation(broad, i) > own)
  return closer < 0 ? null : { expected: 'B8A', found: names[closer]! }
}

/** Bands by what they see, as files name them. */
const roles = {
  blue: ['B02', 'B2', 'blue'],
  green: ['B03', 'B3', 'green'],
  red: ['B04', 'B4', 'red'],
  nir: ['B08', 'B8', 'nir', 'near infrared'],
} as const

/** The band of a role: Sentinel-2's name, or the plain word. Null where no band is called so. */
export function bandFor(role: keyof typeof roles, names: readonly string[]): string | null {
  const known: readonly string[] = roles[role].map((name) => name.toLowerCase())
  return names.find((name) => known.includes(name.toLowerCase())) ?? null
}

/** Normalised difference of two bands, to be edited where the bands are not known. */
export function indexFormula(index: 'NDVI' | 'NDWI', names: readonly string[]): string {
  const [first, second] = index === 'NDVI' ? (['nir', 'red'] as const) : (['green', 'nir'] as const)
  const quoted = (name: string) => (/^[\p{L}_][\p{L}\d_.]*$/u.test(name) ? name : `"${name}"`)
  const a = quoted(bandFor(first, names) ?? first)
  const b = quoted(bandFor(second, names) ?? second)
  return `(${a} - ${b}) / (${a} + ${b})`
}
