import { chooseBands } from '#shared/data/bandChoice'
import { holds, type Georeference, type ImageFacts, type NumberType } from '#shared/data/imageFacts'
import type { SizeCount } from '#shared/data/imageSizes'
import { InterlockError } from '#shared/issues/errors'
import type { DataSettings } from '#shared/project/schema'
import type { SkippedFile } from '#shared/rpc/services'
import type { DecodePool } from '../storage/decoding/decodePool'
import { filesOf } from '../storage/imageFolder'
import type { ImageSource } from './imageSource'
import { sampleHeaders } from './sampleHeaders'

/** What the headers of some images tell of all; the fields are those of `DataSummary`. */
export interface SourceFacts {
  bands: number
  colour: boolean
  kind: ImageFacts['kind']
  bandNames: readonly string[]
  numbers: NumberType
  noData: number | null
  geo: Georeference | null
  /** `[height, width]` */
  size: readonly [number, number]
  sizes: { read: number; others: number; found: readonly SizeCount[] }
  bandFiles: boolean
  /** Of the source, and the files whose header could not be read. */
  skipped: readonly SkippedFile[]
}

const digits: SourceFacts = {
  ...{
    bands: 1,
    colour: false,
    kind: 'picture',
    bandNames: ['grey'],
    numbers: 'uint8',
    noData: null,
    geo: null,
  },
  ...{
    size: [28, 28],
    sizes: { read: 10_000, others: 0, found: [{ width: 28, height: 28, count: 10_000 }] },
    bandFiles: false,
    skipped: [],
  },
}

/**
 * What the headers of some images tell; decodes nothing.
 * Throws DATA_NO_USABLE_IMAGE when none of them is an image.
 */
export async function inspectSource(
  { folder, skipped }: ImageSource,
  pool: DecodePool,
): Promise<SourceFacts> {
  if (folder === null) return digits
  const sample = await sampleHeaders(filesOf(folder), pool)
  const all = [...skipped, ...sample.skipped]
  if (sample.first === null) {
    const first = folder.classes[0]
    throw new InterlockError('DATA_NO_USABLE_IMAGE', {
      count: first?.files.length ?? 0,
      className: first?.name ?? '',
      folder: folder.folder,
      problem: all.at(-1)?.reason ?? 'unknown',
    })
  }
  const { first, numbers, bandNames, sizes } = sample
  const { height, width, bands, kind, noData, geo } = first
  const colour = bands === 3 && kind === 'picture'
  return {
    ...{ bands, colour, kind, bandNames, numbers, noData, geo },
    ...{ size: [height, width], sizes, bandFiles: folder.bandFiles !== null, skipped: all },
  }
}

/**
 * Looks at the images to validate on as at those to train on, which `trained` tells of: what the network learns from one must mean the
 * same in the other. Throws DATA_VALIDATION_DIFFERS, and as {@link inspectSource}.
 */
export async function inspectValidation(
  validation: ImageSource,
  trained: SourceFacts,
  data: DataSettings,
  pool: DecodePool,
): Promise<SourceFacts> {
  const found = await inspectSource(validation, pool)
  // Grey and colour become one another.
  const convertible = [trained, found].every(({ kind }) => kind === 'picture')
  const sameBands =
    trained.bands === found.bands &&
    (data.bandNames !== null || trained.bandNames.join() === found.bandNames.join())
  const alike = convertible
    ? sameBands || chooseBands(trained.bandNames, data) === null
    : sameBands && holds(trained.numbers, found.numbers)
  if (alike) return found
  throw new InterlockError('DATA_VALIDATION_DIFFERS', {
    folder: validation.source,
    found: bandsText(found),
    expected: bandsText(trained),
  })
}

/** `13 bands of uint16 (B1, B2, …)` */
function bandsText({ bands, numbers, bandNames }: SourceFacts): string {
  const names = bandNames.slice(0, 20).join(', ')
  const more = bandNames.length > 20 ? ', …' : ''
  return `${bands} ${bands === 1 ? 'band' : 'bands'} of ${numbers} (${names}${more})`
}
