/**
 * Images of which each band is a file of its own, as satellite products come: `tile1/B02.tif`, `tile1/B03.tif`, or `tile1_B02.tif`.
 * Such an image is named by a pattern of its files, `tile1_{B02,B03}.tif`, which stands wherever the name of one file could.
 */
import { existsSync } from 'node:fs'
import type { SkippedFile } from '#shared/rpc/services'
import { compareCodePoints } from './compareCodePoints'

/** Names of bands that end a file's name: of Sentinel-2 and Landsat, by number, by colour, by polarisation; with a resolution. */
const ending =
  /(?<=^|[/_. -])(?<band>b\d{1,2}a?|band[_-]?\d{1,3}|red|green|blue|nir|swir-?\d?|rededge-?\d?|pan|tir|[vh][vh])(?<tail>(?:_\d+m)?\.(?:tiff?|png|jp2))$/i

interface BandFile {
  path: string
  /** Everything before the band. */
  image: string
  band: string
  tail: string
}

export interface GroupedFiles {
  /** Sorted by code point. */
  files: string[]
  /** In their order; null where the files are images themselves. */
  bands: readonly string[] | null
  skipped: readonly SkippedFile[]
}

/**
 * Finds images whose bands are files of their own, where most files are such. The bands are those that most images have, in their
 * natural order (B8A between B08 and B09); an image that lacks one is skipped.
 */
export function groupBandFiles(files: readonly string[]): GroupedFiles {
  const apart = { files: [...files], bands: null, skipped: [] }
  const images = new Map<string, BandFile[]>()
  for (const path of files) {
    const { band, tail } = ending.exec(path)?.groups ?? {}
    if (band === undefined || tail === undefined) continue
    const image = path.slice(0, -(band.length + tail.length))
    images.set(image, [...(images.get(image) ?? []), { path, image, band, tail }])
  }
  const several = [...images.values()].filter((own) => own.length > 1)
  const inSeveral = several.reduce((sum, own) => sum + own.length, 0)
  if (inSeveral === 0 || inSeveral * 2 < files.length) return apart
  const counts = new Map<string, number>()
  for (const own of several)
    for (const band of new Set(own.map(({ band }) => bandKey(band))))
      counts.set(band, (counts.get(band) ?? 0) + 1)
  const bands = [...counts].filter(([, count]) => count * 2 >= several.length).map(([band]) => band)
  bands.sort(naturally)
  if (bands.length < 2) return apart

  const grouped: string[] = []
  const skipped: SkippedFile[] = []
  for (const own of images.values()) {
    const byBand = new Map(own.map((file) => [bandKey(file.band), file]))
    const missing = bands.filter((band) => !byBand.has(band))
    if (missing.length > 0) {
      const reason = `has no file for ${missing.length === 1 ? 'band' : 'bands'} ${missing.join(', ')}`
      skipped.push({ file: own[0]!.path, reason })
    } else grouped.push(patternOf(bands.map((band) => byBand.get(band)!)))
  }
  const known = new Set([...images.values()].flat().map(({ path }) => path))
  for (const file of files)
    if (!known.has(file)) skipped.push({ file, reason: 'is no band of an image, as the other files are' })
  const names = bands.map((band) => several.flat().find((file) => bandKey(file.band) === band)!.band)
  return { files: grouped.sort(compareCodePoints), bands: names, skipped }
}

const bandKey = (band: string): string => band.toUpperCase()

/** Numbers within names count as numbers. */
function naturally(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true })
}

function patternOf(own: readonly BandFile[]): string {
  const { image, tail } = own[0]!
  const same = own.every((file) => file.tail === tail)
  const inner = own.map(({ band, tail }) => (same ? band : band + tail)).join(',')
  return `${image}{${inner}}${same ? tail : ''}`
}

export interface BandPart {
  file: string
  band: string
}

/** The files of a pattern, band by band; null for the name of one file. */
export function bandParts(name: string): BandPart[] | null {
  // A file may really be called so.
  return pattern.test(name) && !existsSync(name) ? partsOf(name) : null
}

const pattern = /^(?<before>.*)\{(?<inner>[^{}]*,[^{}]*)\}(?<after>[^{}/\\]*)$/s

/** The files of a pattern, or the file itself. */
export function bandFilesOf(name: string): string[] {
  return partsOf(name)?.map(({ file }) => file) ?? [name]
}

function partsOf(name: string): BandPart[] | null {
  const match = pattern.exec(name)
  if (match === null) return null
  const { before = '', inner = '', after = '' } = match.groups ?? {}
  return inner.split(',').map((part) => {
    const file = `${before}${part}${after}`
    return { file, band: ending.exec(file)?.groups?.['band'] ?? part }
  })
}
