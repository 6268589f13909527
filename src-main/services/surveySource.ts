/** Looks at every image of a source: what sizes and values they have, which are there twice, which may not be what they should be. */
import { join } from 'node:path'
import { bandNames } from '#shared/data/imageFacts'
import { countSizes } from '#shared/data/imageSizes'
import type { DataSurvey } from '#shared/data/survey'
import type { SkippedFile } from '#shared/rpc/services'
import type { DecodePool } from '../storage/decoding/decodePool'
import { skipReason, type GatherOptions, type ImageStore } from '../storage/gatherImages'
import { sameStamp, stampFile } from '../storage/imageCache/sourceFacts'
import { bandStatistics } from '../storage/survey/bandStatistics'
import { findDuplicates } from '../storage/survey/findDuplicates'
import { findSuspicious } from '../storage/survey/findSuspicious'
import { bandNumbers } from '../storage/survey/measurePixels'
import type { ImageSurvey, SurveyedImage } from '../storage/survey/surveyImage'
import { keepSurveys, readSurveys, type KnownImage } from '../storage/survey/surveyFile'

/** The images that are looked at, one entry of each list for each of them. */
export interface Surveyed {
  labels: ArrayLike<number>
  /** Whether it is trained on, held out, or neither (null). */
  trained: readonly (boolean | null)[]
}

/** What is known of each image; null where it cannot be read. */
export interface SurveyedImages {
  images: (SurveyedImage | null)[]
  unreadable: (SkippedFile & { image: number })[]
  /** From an earlier survey. */
  known: number
}

/** Files asked for side by side; those that are known only wait for the disk. */
const lookedAtOnce = 32

/**
 * Surveys `files` below `folder` with the pool of decoders. What did not change since an earlier survey is not opened. Throws the signal's
 * reason when aborted; what was surveyed by then is kept.
 */
export async function surveyFiles(
  { pool, cache }: ImageStore,
  folder: string,
  files: readonly string[],
  options: Pick<GatherOptions, 'onProgress' | 'signal'> = {},
): Promise<SurveyedImages> {
  const before = await readSurveys(cache, folder)
  const byHash = new Map(Array.from(before.values(), ({ hash, survey }) => [hash, survey]))
  const found: SurveyedImages = { images: new Array<null>(files.length).fill(null), unreadable: [], known: 0 }
  const settled = new Map<string, KnownImage>()
  let done = 0
  let next = 0
  const look = async (i: number): Promise<void> => {
    const name = files[i] as string
    const file = join(folder, name)
    try {
      const stamped = await stampFile(file)
      const earlier = before.get(name)
      const isKnown = stamped !== null && earlier !== undefined && sameStamp(earlier.stamp, stamped.stamp)
      if (isKnown) found.known++
      const image = isKnown ? earlier : await surveyFile(pool, file, byHash)
      found.images[i] = image
      if (isKnown) settled.set(name, earlier)
      else if (stamped?.settled) settled.set(name, { ...image, stamp: stamped.stamp })
    } catch (thrown) {
      found.unreadable.push({ image: i, file, reason: skipReason(thrown) })
    }
    options.onProgress?.(++done, files.length)
  }
  const worker = async (): Promise<void> => {
    while (next < files.length) {
      options.signal?.throwIfAborted()
      await look(next++)
    }
  }
  try {
    await Promise.all(Array.from({ length: Math.max(lookedAtOnce, pool.width) }, worker))
  } finally {
    const stopped = options.signal?.aborted === true
    const kept = stopped ? new Map([...before, ...settled]) : settled
    if (found.known < kept.size || kept.size !== before.size) await keepSurveys(cache, folder, kept)
  }
  found.unreadable.sort((a, b) => a.image - b.image)
  return found
}

/** A file that is new or changed; a copy of a known one need not be decoded. */
async function surveyFile(
  pool: DecodePool,
  file: string,
  known: ReadonlyMap<string, ImageSurvey>,
): Promise<SurveyedImage> {
  const hash = known.size > 0 ? await pool.hash(file) : null
  const survey = hash === null ? undefined : known.get(hash)
  return hash !== null && survey !== undefined ? { hash, survey } : pool.survey(file)
}

/** What all that means together. */
export function sumUp(
  { images, unreadable, known }: SurveyedImages,
  { labels, trained }: Surveyed,
  listing: number,
): DataSurvey {
  const surveys = images.map((image) => image?.survey ?? null)
  const readable = surveys.filter((survey) => survey !== null)
  const looks = images.map(
    (image) =>
      image && {
        content: image.hash,
        ...image.survey,
        plain: image.survey.cells.every((cell) => cell === 0),
      },
  )
  return {
    listing,
    images: images.length,
    reduced: readable.filter(({ width, height, pixels }) => width * height !== pixels).length,
    known,
    sizes: countSizes(readable),
    bands: bandStatistics(readable, namesOf(readable), (i) => readable[i]?.pixels ?? 0),
    duplicates: findDuplicates(looks).map(({ kind, images: same }) => ({
      kind,
      images: same,
      conflict: same.some((i) => labels[i] !== labels[same[0]!]),
      leak: same.some((i) => trained[i] === true) && same.some((i) => trained[i] === false),
    })),
    suspicious: findSuspicious(surveys),
    unreadable,
  }
}

/** Names of the bands that most images have: as the first of these files names them. */
function namesOf(images: readonly ImageSurvey[]): readonly string[] {
  const counts = new Map<number, number>()
  for (const { bands } of images) counts.set(bands.length, (counts.get(bands.length) ?? 0) + 1)
  const [numbers = 0] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? []
  const bands = numbers / bandNumbers
  return images.find(({ names }) => names?.length === bands)?.names ?? bandNames(bands)
}
