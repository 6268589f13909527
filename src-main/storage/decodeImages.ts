import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import type { SkippedFile } from '#shared/rpc/services'
import { InterlockError } from '#shared/issues/errors'
import { readError } from './atomicFile'
import { decodeImage, type ImageTarget } from './decodeImage'

export interface DecodeOptions {
  onProgress?(done: number, total: number): void
  onSkipped?(file: SkippedFile): void
  signal?: AbortSignal
}

export interface DecodedImages {
  /** `[files][height][width][channels]` in a SharedArrayBuffer; zeros where the file could not be read. */
  pixels: Uint8Array
  /** Position by position: whether the file was read. */
  usable: readonly boolean[]
}

/** Why a file was left out, without its name (which stands beside it). */
export function skipReason(thrown: unknown): string {
  const error = thrown instanceof InterlockError ? thrown : null
  return String(error?.details['problem'] ?? (thrown instanceof Error ? thrown.message : thrown))
}

/**
 * Decodes files in order into one shared buffer, a few at a time. A file that cannot be read is skipped, told to
 * `onSkipped`, and its place stays zero. Throws the signal's reason when aborted, IMAGES_EXCEED_MEMORY when the images do not fit.
 */
export async function decodeImages(
  files: readonly string[],
  target: ImageTarget,
  options: DecodeOptions = {},
): Promise<DecodedImages> {
  const size = target.height * target.width * target.channels
  const pixels = allocate(files.length * size)
  const usable = new Array<boolean>(files.length).fill(false)
  let next = 0
  let done = 0
  const decodeNext = async () => {
    while (next < files.length) {
      options.signal?.throwIfAborted()
      const index = next++
      const file = files[index] as string
      try {
        pixels.set(await decodeImage(file, await readBytes(file), target), index * size)
        usable[index] = true
      } catch (thrown) {
        options.onSkipped?.({ file, reason: skipReason(thrown) })
      }
      options.onProgress?.(++done, files.length)
    }
  }
  await Promise.all(Array.from({ length: Math.min(8, availableParallelism() + 1) }, decodeNext))
  options.signal?.throwIfAborted()
  return { pixels, usable }
}

async function readBytes(file: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (thrown) {
    throw readError(file, thrown)
  }
}

/** A shared byte buffer. Throws IMAGES_EXCEED_MEMORY in plain words instead of a RangeError. */
export function allocate(bytes: number): Uint8Array {
  try {
    return new Uint8Array(new SharedArrayBuffer(bytes))
  } catch (thrown) {
    throw new InterlockError(
      'IMAGES_EXCEED_MEMORY',
      { needed: `${Math.ceil(bytes / 2 ** 20)} MB` },
      { cause: thrown },
    )
  }
}
