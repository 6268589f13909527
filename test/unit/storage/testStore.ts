import { onTestFinished } from 'vitest'
import { DecodePool, type DecodePoolOptions } from '../../../src-main/storage/decoding/decodePool'
import { startNodeDecoder } from '../../../src-main/storage/decoding/nodeDecoder'
import type { ImageStore } from '../../../src-main/storage/gatherImages'
import { ImageCache } from '../../../src-main/storage/imageCache/imageCache'
import { temporaryFolder } from './testImages'

interface TestStoreOptions {
  /** Bytes of decoded images in memory; without end where nothing is said. */
  memory?: number
  /** Bytes of the cache, likewise. */
  limit?: number
  /** The cache's; a fresh one where nothing is said. */
  folder?: string
  pool?: Partial<DecodePoolOptions>
}

/** Real decoder processes and a cache of its own, both gone after the test. */
export function testStore({
  memory = Infinity,
  limit = 2 ** 40,
  folder,
  pool,
}: TestStoreOptions = {}): ImageStore {
  const decoders = new DecodePool({ start: startNodeDecoder, most: 2, ...pool })
  onTestFinished(() => decoders.dispose())
  const cache = new ImageCache({
    folder: folder ?? temporaryFolder(),
    chosenLimit: () => Promise.resolve(limit),
  })
  return { pool: decoders, cache, memory }
}
