import type { Georeference, ImageFacts, NumberType } from '#shared/data/imageFacts'
import { InterlockError } from '#shared/issues/errors'
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
  sizes: { read: number; others: number }
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
  ...{ size: [28, 28], sizes: { read: 1, others: 0 }, bandFiles: false, skipped: [] },
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
