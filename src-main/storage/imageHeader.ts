/** The headers of image files. Of most formats it is the first few bytes that hold them, and no more is read. */
import { closeSync, openSync, readSync } from 'node:fs'
import type { ImageFacts } from '#shared/data/imageFacts'
import { readBytes, readError } from './atomicFile'
import { imageError, readImageFacts } from './decodeImage'
import { imageFormat, type ImageFormat } from './imageFormat'
import { readTiffFile } from './readTiff'

/** Enough for nearly every header; one with a large thumbnail or colour profile has the whole file read. */
const headBytes = 16 * 1024

/** What others say of orientation or transparency may stand behind the pixels. */
const headFirst: ReadonlySet<ImageFormat | null> = new Set(['jpeg', 'png', 'bmp'])

/** Throws IMAGE_UNREADABLE with the reason, IMAGE_JPEG_2000, FILE_NOT_FOUND, FILE_UNREADABLE. */
export async function readImageHeader(file: string): Promise<ImageFacts> {
  const head = readHead(file)
  if (head.length < headBytes) return readImageFacts(file, head)
  const format = imageFormat(head)
  if (format === 'tiff')
    return readTiffFile(file).catch((thrown: unknown) => Promise.reject(imageError(file, thrown)))
  const facts = headFirst.has(format) ? await readImageFacts(file, head).catch(() => null) : null
  return facts ?? readImageFacts(file, await readBytes(file))
}

/** At once: a decoder does one thing after the other, and waiting costs more than so few bytes. */
function readHead(file: string): Buffer {
  try {
    const handle = openSync(file, 'r')
    try {
      const head = Buffer.allocUnsafeSlow(headBytes)
      return head.subarray(0, readSync(handle, head, 0, headBytes, 0))
    } finally {
      closeSync(handle)
    }
  } catch (thrown) {
    throw readError(file, thrown)
  }
}
