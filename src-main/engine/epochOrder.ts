import { hashText } from './hashText'
import { createRandomStream } from './randomStream'

/**
 * The order of the images in an epoch: a fresh permutation (Fisher–Yates) that depends on seed and epoch only, so that a
 * resumed run sees the same batches.
 */
export function epochOrder(count: number, seed: number, epoch: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i)
  const next = createRandomStream(seed, hashText(`order of epoch ${epoch}`))
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor((next() / 2 ** 32) * (i + 1))
    const taken = order[i]!
    order[i] = order[j]!
    order[j] = taken
  }
  return order
}
