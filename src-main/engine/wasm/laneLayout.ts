/** Activations between the blocks' layout `[block][position][images of a block]` and `[image][position]`. */
import type { BlockImages } from './program'

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
  blockImages: BlockImages,
): Float32Array {
  const result = new Float32Array(images * size)
  for (let image = 0; image < images; image++) {
    const from = first + Math.floor(image / blockImages) * stride + (image % blockImages)
    for (let i = 0; i < size; i++) result[image * size + i] = memory[from + i * blockImages]!
  }
  return result
}
