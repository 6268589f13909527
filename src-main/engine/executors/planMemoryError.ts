/** What is said when a plan does not fit into an executor's memory. */
import { InterlockError } from '#shared/issues/errors'

export interface Shortage {
  batch: number
  /** Bytes at a batch of so many images. */
  bytesOf(batch: number): number
  /** How much there is, in words. */
  available: string
  /** The largest batch that there is room for; 0 where not even one image has any. */
  fits: number
}

/** In whole megabytes and rounded down, as what is needed is rounded up: the two never read alike. */
export function availableText(bytes: number): string {
  return `${Math.floor(bytes / 2 ** 20)} MB`
}

/** OUT_OF_MEMORY with a batch that fits, or NETWORK_EXCEEDS_MEMORY where none does. */
export function planMemoryError({ batch, bytesOf, available, fits }: Shortage): InterlockError {
  const needed = `${Math.ceil(bytesOf(fits === 0 ? 1 : batch) / 2 ** 20)} MB`
  return fits === 0
    ? new InterlockError('NETWORK_EXCEEDS_MEMORY', { needed, available })
    : new InterlockError('OUT_OF_MEMORY', { needed, batch, available, fits })
}
