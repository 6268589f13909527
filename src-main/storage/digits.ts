import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { ImageSet } from '#shared/engine/tensors'
import { InterlockError } from '#shared/issues/errors'
import { resourceFile } from './resourceFile'

/** How a project names the bundled digits. */
export const digitsSource = 'sample:digits'

export interface Digits {
  /** 10,000 images 28×28×1, classes 0 … 9 one after the other. */
  images: ImageSet<Uint8Array>
  classes: readonly string[]
  attribution: string
}

/** Whether the image at an index is held out for validation: every fifth, exactly 2,000 (blocks.md). */
export function isHeldOutDigit(index: number): boolean {
  return index % 5 === 4
}

let loaded: Promise<Digits> | null = null

/** The bundled handwritten digits (format: `buildDigits.mjs`). Read once. Throws FILE_NOT_FOUND when the build has not run. */
export function readDigits(): Promise<Digits> {
  loaded ??= load().catch((thrown: unknown) => {
    loaded = null
    throw thrown
  })
  return loaded
}

async function load(): Promise<Digits> {
  const file = resourceFile('digits.bin.gz')
  const bytes = await promisify(gunzip)(await readFile(file))
  const magic = bytes.indexOf('\n')
  const headerEnd = bytes.indexOf('\n', magic + 1)
  if (bytes.subarray(0, magic).toString() !== 'DIGITS1' || headerEnd < 0) {
    throw new InterlockError('FILE_UNREADABLE', { file, problem: 'it is not the file that the build writes' })
  }
  const header = JSON.parse(bytes.subarray(magic + 1, headerEnd).toString()) as {
    count: number
    height: number
    width: number
    classes: string[]
    attribution: string
  }
  const { count, height, width } = header
  const labels = Int32Array.from(bytes.subarray(headerEnd + 1, headerEnd + 1 + count))
  const pixels = new Uint8Array(new SharedArrayBuffer(count * height * width))
  pixels.set(bytes.subarray(headerEnd + 1 + count, headerEnd + 1 + count + pixels.length))
  return {
    images: { count, height, width, channels: 1, pixels, labels },
    classes: header.classes,
    attribution: header.attribution,
  }
}
