import type { Block } from './types'

/** A short id that no block has yet: `input` and `output` as they are, others numbered by type, e.g. `conv2d_2`. */
export function uniqueBlockId(type: string, blocks: readonly Pick<Block, 'id'>[]): string {
  const taken = new Set(blocks.map(({ id }) => id))
  if ((type === 'input' || type === 'output') && !taken.has(type)) return type
  let number = 1
  while (taken.has(`${type}_${number}`)) number += 1
  return `${type}_${number}`
}
