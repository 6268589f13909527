import { join } from 'node:path'
import { InterlockError } from '#shared/issues/errors'
import type { DataSummary, SkippedFile } from '#shared/rpc/services'
import type { DecodePool } from '../storage/decoding/decodePool'
import { skipReason } from '../storage/gatherImages'
import type { ImageSource } from './imageSource'

/** How many files are tried for a first readable image, before a folder counts as unreadable. */
const attempts = 100

/**
 * Classes, counts, and size and bands of the first image whose header can be read; decodes nothing.
 * Throws DATA_NO_USABLE_IMAGE when none of the first files is an image.
 */
export async function inspectSource(source: ImageSource, pool: DecodePool): Promise<DataSummary> {
  const { classes, folder } = source
  const about = { source: source.source, classes, images: classes.reduce((sum, { count }) => sum + count, 0) }
  if (folder === null) {
    return { ...about, bands: 1, colour: false, size: [28, 28], skipped: [] }
  }
  const skipped: SkippedFile[] = [...source.skipped]
  const files = folder.classes.flatMap(({ name, files }) =>
    files.map((file) => join(folder.folder, name, file)),
  )
  for (const file of files.slice(0, attempts)) {
    try {
      const { height, width, bands } = await pool.facts(file)
      return { ...about, bands, colour: bands === 3 || bands === 4, size: [height, width], skipped }
    } catch (thrown) {
      skipped.push({ file, reason: skipReason(thrown) })
    }
  }
  const first = folder.classes[0]
  throw new InterlockError('DATA_NO_USABLE_IMAGE', {
    count: first?.files.length ?? 0,
    className: first?.name ?? '',
    folder: source.source,
    problem: skipped.at(-1)?.reason ?? 'unknown',
  })
}
