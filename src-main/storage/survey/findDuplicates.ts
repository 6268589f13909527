/** Images that are in a source more than once, by their bytes or by what they look like. */
import { nearBits, nearCells } from '#shared/data/survey'
import type { PixelMeasures } from './measurePixels'

export interface Look extends Pick<PixelMeasures, 'hash' | 'cells'> {
  /** Of the file's content. */
  content: string
  /** All cells are alike: such images look the same without being copies of each other. */
  plain: boolean
}

/** Groups of positions, each in order, ordered by their first. `near` groups have images of different content. */
export function findDuplicates(
  looks: readonly (Look | null)[],
): { kind: 'exact' | 'near'; images: number[] }[] {
  const sets = new DisjointSets(looks.length)
  const byContent = new Map<string, number>()
  looks.forEach((look, i) => {
    if (look === null) return
    const first = byContent.get(look.content)
    if (first === undefined) byContent.set(look.content, i)
    else sets.join(first, i)
  })
  // One of each content is enough to compare with others.
  const distinct = [...byContent.values()].filter((i) => !looks[i]!.plain)
  for (const [a, b] of nearPairs(looks, distinct)) sets.join(a, b)
  const groups = new Map<number, number[]>()
  looks.forEach((look, i) => {
    if (look === null) return
    const group = groups.get(sets.find(i))
    if (group) group.push(i)
    else groups.set(sets.find(i), [i])
  })
  return [...groups.values()]
    .filter((images) => images.length > 1)
    .map((images) => {
      const exact = images.every((i) => looks[i]!.content === looks[images[0]!]!.content)
      return { kind: exact ? 'exact' : 'near', images }
    })
}

/** A part of the hash that many images share says little: only so many of its neighbours are compared. */
const mostInBucket = 2000

/**
 * Pairs that look the same. Two hashes that differ in at most `nearBits` bits are the same in one of `nearBits + 1` parts, so only
 * those that share a part are compared.
 */
function* nearPairs(
  looks: readonly (Look | null)[],
  positions: readonly number[],
): Generator<[number, number]> {
  const parts = nearBits + 1
  for (let part = 0; part < parts; part++) {
    const from = Math.floor((part * 64) / parts)
    const to = Math.floor(((part + 1) * 64) / parts)
    const buckets = new Map<number, number[]>()
    for (const i of positions) {
      const key = bitsOf(looks[i]!.hash, from, to)
      const bucket = buckets.get(key)
      if (bucket) bucket.push(i)
      else buckets.set(key, [i])
    }
    for (const bucket of buckets.values()) {
      for (let a = 0; a < bucket.length; a++) {
        const end = Math.min(bucket.length, a + mostInBucket)
        for (let b = a + 1; b < end; b++) {
          const first = bucket[a]!
          const second = bucket[b]!
          if (looksSame(looks[first]!, looks[second]!)) yield [first, second]
        }
      }
    }
  }
}

/** Whether two images look the same: their hashes are close, and so are their cells. */
export function looksSame(a: Pick<Look, 'hash' | 'cells'>, b: Pick<Look, 'hash' | 'cells'>): boolean {
  if (ones(a.hash[0] ^ b.hash[0]) + ones(a.hash[1] ^ b.hash[1]) > nearBits) return false
  let difference = 0
  for (let i = 0; i < a.cells.length; i++) difference += Math.abs(a.cells[i]! - b.cells[i]!)
  return difference <= nearCells * 255 * a.cells.length
}

/** Bits `from` … `to − 1` as a number; at most 32 of them. */
function bitsOf([low, high]: readonly [number, number], from: number, to: number): number {
  let bits = 0
  for (let bit = from; bit < to; bit++) {
    const word = bit < 32 ? low : high
    bits = (bits << 1) | ((word >>> (bit & 31)) & 1)
  }
  return bits >>> 0
}

/** Number of set bits of a 32-bit number. */
function ones(bits: number): number {
  let n = bits - ((bits >>> 1) & 0x55555555)
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333)
  return Math.imul((n + (n >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

/** Union-find with the smallest member as a set's name. */
class DisjointSets {
  private readonly parents: Int32Array

  constructor(count: number) {
    this.parents = Int32Array.from({ length: count }, (_, i) => i)
  }

  find(i: number): number {
    let root = i
    while (this.parents[root] !== root) root = this.parents[root]!
    while (this.parents[i] !== root) {
      const next = this.parents[i]!
      this.parents[i] = root
      i = next
    }
    return root
  }

  join(a: number, b: number): void {
    const [first, second] = [this.find(a), this.find(b)]
    if (first !== second) this.parents[Math.max(first, second)] = Math.min(first, second)
  }
}
