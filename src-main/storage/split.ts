import type { Part } from '#shared/project/parts'
import { splitCounts } from '#shared/project/splitCounts'

/** Which items of a class are trained on, validated on and kept for the final test. */
export interface SplitFractions {
  /** 0 where other images are validated on. */
  validation: number
  /** 0 where no test part is kept. */
  test: number
}

export type SplitIndices = Record<Part, number[]>

/** Which part each image of a class is meant for; null: it is left out. */
export type MeantFor = readonly (Part | null)[]

/**
 * Splits the positions 0 … n−1 of one class, whose items are sorted by code point (blocks.md): they are shuffled by the seed
 * (Fisher-Yates from the end, {@link uniform}); the first are the test part, the next the validation part, the rest is trained
 * on, as many as {@link splitCounts} says. Every class starts from the seed anew, so one class never moves another's images.
 * Each part is answered in ascending order.
 */
export function splitClass(n: number, fractions: SplitFractions, seed: number): SplitIndices {
  const order = Array.from({ length: n }, (_, i) => i)
  const random = uniform(seed)
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const swapped = order[i] as number
    order[i] = order[j] as number
    order[j] = swapped
  }
  const { test, validation } = splitCounts(n, fractions)
  const ascending = (from: number, to: number) => order.slice(from, to).sort((a, b) => a - b)
  return {
    test: ascending(0, test),
    validation: ascending(test, test + validation),
    training: ascending(test + validation, n),
  }
}

/**
 * Splits the positions of one class where something else than chance says what an image is for. What is meant for training is split
 * as {@link splitClass} does, with a fraction of 0 for a part that is given.
 */
export function splitMeant(meant: MeantFor, fractions: SplitFractions, seed: number): SplitIndices {
  const of = (part: Part) => Array.from(meant.keys()).filter((i) => meant[i] === part)
  const rest = of('training')
  const split = splitClass(rest.length, fractions, seed)
  const ascending = (part: Part, given: number[]) =>
    [...given, ...split[part].map((i) => rest[i] as number)].sort((a, b) => a - b)
  return {
    training: ascending('training', []),
    validation: ascending('validation', of('validation')),
    test: ascending('test', of('test')),
  }
}

/** Numbers in [0, 1) from a 32-bit seed: mulberry32 by Tommy Ettinger (public domain). */
export function uniform(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
