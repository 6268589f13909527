/**
 * Evaluates blocks and remembers each one's last result. After an edit only the blocks whose settings or inputs changed are
 * worked out anew; all others answer the very same object as before, so that the screen can tell what to draw again.
 */
import type { Pair } from '../ops'
import { evaluateBlock, type Arriving, type EvaluatedBlock } from './evaluateBlock'
import type { Block } from './types'

export type EvaluateBlock = typeof evaluateBlock

interface Remembered {
  arriving: readonly Arriving[] | null
  image: Pair | null
  evaluated: EvaluatedBlock
}

type Numbers = readonly (number | readonly number[] | null)[] | null

function same(a: Numbers, b: Numbers): boolean {
  if (a === b) return true
  if (a === null || b === null || a.length !== b.length) return false
  return a.every((value, i) => {
    const other = b[i]
    return value === other || (Array.isArray(value) && Array.isArray(other) && same(value, other))
  })
}

function fieldNumbers({ field }: Arriving): Numbers {
  return field && [field.size, field.stride?.[0] ?? null, field.stride?.[1] ?? null, field.start]
}

function sameArriving(a: readonly Arriving[] | null, b: readonly Arriving[] | null): boolean {
  if (a === null || b === null) return a === b
  return (
    a.length === b.length &&
    a.every((one, i) => {
      const other = b[i]!
      const sameField = one.field === other.field || same(fieldNumbers(one), fieldNumbers(other))
      return same(one.shape, other.shape) && sameField
    })
  )
}

/** `evaluateBlock` with a memory of its own. Blocks must be immutable: a changed block is another object. */
export function rememberBlocks(): EvaluateBlock {
  const remembered = new WeakMap<Block, Remembered>()
  return (block, arriving, image) => {
    const last = remembered.get(block)
    if (last && same(last.image, image) && sameArriving(last.arriving, arriving)) return last.evaluated
    const evaluated = evaluateBlock(block, arriving, image)
    remembered.set(block, { arriving, image, evaluated })
    return evaluated
  }
}
