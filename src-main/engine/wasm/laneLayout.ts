/** Activations between the lanes' layout `[block][position][16]` and `[image][position]`. */
import { lanes } from './program'

/**
 * The numbers of the first `images` images. `first`: float index of block 0; `stride`: floats from one block to the next;
 * `size`: floats per image.
 */
export function readLanes(
  memory: Float32Array,
  first: number,
  stride: number,
  size: number,
  images: number,
): Float32Array {
  const result = new Float32Array(images * size)
  for (let image = 0; image < images; image++) {
    const from = first + Math.floor(image / lanes) * stride + (image % lanes)
    for (let i = 0; i < size; i++) result[image * size + i] = memory[from + i * lanes]!
  }
  return result
}
