import { InterlockError } from '#shared/issues/errors'
import type { SkippedFile } from '#shared/rpc/services'
import type { DecodePool } from '../storage/decoding/decodePool'
import { skipReason } from '../storage/gatherImages'
import { filesOf } from '../storage/imageFolder'
import type { ImageSource } from './imageSource'

/** How many files are tried for a first readable image, before a folder counts as unreadable. */
const attempts = 100

/** What a first image tells of the others. */
export interface ImageFacts {
  bands: number
  colour: boolean
  /** `[height, width]` */
  size: readonly [number, number]
  /** Of the source, and the files that were tried before. */
  skipped: readonly SkippedFile[]
}

/**
 * Size and bands of the first image whose header can be read; decodes nothing.
 * Throws DATA_NO_USABLE_IMAGE when none of the first files is an image.
 */
export async function inspectSource(source: ImageSource, pool: DecodePool): Promise<ImageFacts> {
  const { folder } = source
  if (folder === null) return { bands: 1, colour: false, size: [28, 28], skipped: [] }
  const skipped: SkippedFile[] = [...source.skipped]
  for (const file of filesOf(folder).slice(0, attempts)) {
    try {
      const { height, width, bands } = await pool.facts(file)
      return { bands, colour: bands === 3 || bands === 4, size: [height, width], skipped }
    } catch (thrown) {
      skipped.push({ file, reason: skipReason(thrown) })
    }
  }
  const first = folder.classes[0]
  throw new InterlockError('DATA_NO_USABLE_IMAGE', {
    count: first?.files.length ?? 0,
    className: first?.name ?? '',
    folder: folder.folder,
    problem: skipped.at(-1)?.reason ?? 'unknown',
  })
}
