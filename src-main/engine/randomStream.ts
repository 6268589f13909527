import { mix32 } from './ops/dropout/dropoutMask'

const golden = 0x9e3779b9

/**
 * Seeded random 32-bit words, the same everywhere: word i is mix32(mix32(i + G) ^ key), with the key made of seed and stream.
 * Different streams of one seed are independent of each other.
 */
export function createRandomStream(seed: number, stream: number): () => number {
  const key = mix32((mix32((seed + golden) | 0) + stream + golden) | 0)
  let position = 0
  return () => mix32(mix32((position++ + golden) | 0) ^ key)
}
