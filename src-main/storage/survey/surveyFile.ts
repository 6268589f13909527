/**
 * What a survey knows of a folder's images, kept for the next time: in the image cache's folder, so that it is bounded and cleared with
 * it. MessagePack: `{ format, version, images: [[file, size, content time, file time, hash, survey], …] }` with files relative to the
 * folder.
 */
import { decode, encode } from '@msgpack/msgpack'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolder, writeFileAtomic } from '../atomicFile'
import { surveyEnding, type ImageCache } from '../imageCache/imageCache'
import type { FileStamp } from '../imageCache/sourceFacts'
import type { ImageSurvey, SurveyedImage } from './surveyImage'

const format = 'interlock-survey'
/** Counts up when a survey measures something else, or differently. */
const version = 2

export interface KnownImage extends SurveyedImage {
  stamp: FileStamp
}

type Packed = [string, ...FileStamp, string, PackedSurvey]

function surveyName(folder: string): string {
  return `survey-${createHash('sha256').update(folder).digest('hex').slice(0, 24)}`
}

/** By file. What cannot be read is not known. */
export async function readSurveys(cache: ImageCache, folder: string): Promise<Map<string, KnownImage>> {
  const known = new Map<string, KnownImage>()
  try {
    const bytes = await readFile(join(cache.folder, 'surveys', `${surveyName(folder)}.${surveyEnding}`))
    const content = decode(bytes) as { format: string; version: number; images: Packed[] }
    if (content.format !== format || content.version !== version) return known
    for (const [file, size, changed, touched, hash, survey] of content.images)
      known.set(file, { stamp: [size, changed, touched], hash, survey: unpackSurvey(survey) })
  } catch {
    known.clear()
  }
  return known
}

/** A disk that does not take it costs the next survey time only. */
export async function keepSurveys(
  cache: ImageCache,
  folder: string,
  known: ReadonlyMap<string, KnownImage>,
): Promise<void> {
  const name = surveyName(folder)
  const images = Array.from(known, ([file, { stamp, hash, survey }]): Packed => [
    file,
    ...stamp,
    hash,
    packSurvey(survey),
  ])
  const bytes = encode({ format, version, images })
  try {
    if ((await cache.makeRoom(bytes.length, new Set([name]))) < bytes.length) return
    await makeFolder(join(cache.folder, 'surveys'))
    await writeFileAtomic(join(cache.folder, 'surveys', `${name}.${surveyEnding}`), bytes)
  } catch {
    // Nothing depends on it.
  }
}

/** The numbers as bytes, little-endian. */
type PackedSurvey = Omit<ImageSurvey, 'bands' | 'histogram'> & { bands: Uint8Array; histogram: Uint8Array }

function packSurvey(survey: ImageSurvey): PackedSurvey {
  const bytes = (array: Float64Array | Uint16Array) =>
    new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
  return { ...survey, bands: bytes(survey.bands), histogram: bytes(survey.histogram) }
}

function unpackSurvey(packed: PackedSurvey): ImageSurvey {
  return {
    ...packed,
    // Copies, because the bytes in the file are not aligned.
    bands: new Float64Array(new Uint8Array(packed.bands).buffer),
    histogram: new Uint16Array(new Uint8Array(packed.histogram).buffer),
    cells: new Uint8Array(packed.cells),
  }
}
