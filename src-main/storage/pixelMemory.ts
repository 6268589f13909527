import type { NumberType } from '#shared/data/imageFacts'
import { bytesPerNumber } from '#shared/data/imageFacts'
import type { Pixels } from '#shared/engine/tensors'
import { InterlockError } from '#shared/issues/errors'

/** Numbers in shared memory. Throws IMAGES_EXCEED_MEMORY in plain words instead of a RangeError. */
export function allocate(length: number, numbers: NumberType = 'uint8'): Pixels {
  const bytes = length * bytesPerNumber(numbers)
  try {
    const memory = new SharedArrayBuffer(bytes)
    if (numbers === 'uint16') return new Uint16Array(memory)
    return numbers === 'float32' ? new Float32Array(memory) : new Uint8Array(memory)
  } catch (thrown) {
    throw new InterlockError(
      'IMAGES_EXCEED_MEMORY',
      { needed: `${Math.ceil(bytes / 2 ** 20)} MB` },
      { cause: thrown },
    )
  }
}

/** The same memory, byte by byte. */
export function bytesOf(pixels: Pixels): Uint8Array {
  return new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength)
}
