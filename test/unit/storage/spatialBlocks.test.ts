import { describe, expect, test } from 'vitest'
import { splitByBlocks, usualSize, type Box, type Tile } from '../../../src-main/storage/spatialBlocks'

/** A map of tiles edge to edge, 640 units wide, whose class follows their place. */
function map(columns: number, rows: number, labelOf: (x: number, y: number) => number): Tile[] {
  return Array.from({ length: columns * rows }, (_, i) => {
    const [x, y] = [i % columns, Math.floor(i / columns)]
    const box = { left: x * 640, right: (x + 1) * 640, bottom: -y * 640 - 640, top: -y * 640 }
    return { label: labelOf(x, y), box }
  })
}
const tiles = map(40, 40, (x, y) => (Math.floor(x / 5) + Math.floor(y / 5)) % 3)
const fractions = { validation: 0.2, test: 0.2 }
const split = (seed = 1, buffer: number | null = null, of = tiles) =>
  splitByBlocks(of, { size: null, buffer }, fractions, seed)

/** By its definition, every pair of tiles looked at. */
function nearestOfOthers({ meant }: { meant: readonly (string | null)[] }, of: readonly Tile[]): number {
  let nearest = Infinity
  const gap = (a: Box, b: Box) =>
    Math.hypot(
      Math.max(a.left - b.right, b.left - a.right, 0),
      Math.max(a.bottom - b.top, b.bottom - a.top, 0),
    )
  of.forEach((a, i) =>
    of.forEach((b, j) => {
      if (meant[i] !== null && meant[j] !== null && meant[i] !== meant[j])
        nearest = Math.min(nearest, gap(a.box, b.box))
    }),
  )
  return nearest
}

describe('splitByBlocks', () => {
  test('no tile is nearer to one of another part than the buffer', () => {
    expect(nearestOfOthers(split(), tiles)).toBeGreaterThanOrEqual(640)
    expect(nearestOfOthers(split(1, 2000), tiles)).toBeGreaterThanOrEqual(2000)
    // Without a buffer, nothing is left out of tiles that only touch.
    expect(split(1, 0).meant).not.toContain(null)
  })

  test('overlapping tiles are never on two sides', () => {
    const half = tiles.map(({ label, box }) => ({ label, box: { ...box, right: box.right + 320 } }))
    const { meant } = split(1, 0, half)
    const overlaps = half.some((a, i) =>
      half.some((b, j) => {
        const apart =
          a.box.right <= b.box.left ||
          b.box.right <= a.box.left ||
          a.box.top <= b.box.bottom ||
          b.box.top <= a.box.bottom
        return !apart && meant[i] !== null && meant[j] !== null && meant[i] !== meant[j]
      }),
    )
    expect(overlaps).toBe(false)
  })

  test('the parts have about the shares asked for, of each class; the test part loses nothing to the buffer', () => {
    const { meant } = split(1, 0)
    for (const label of [0, 1, 2]) {
      const own = meant.filter((_, i) => tiles[i]?.label === label)
      const share = (part: string) => own.filter((one) => one === part).length / own.length
      expect(share('test')).toBeGreaterThan(0.1)
      expect(share('test')).toBeLessThan(0.3)
      expect(share('validation')).toBeGreaterThan(0.1)
      expect(share('validation')).toBeLessThan(0.3)
    }
    const tested = (of: readonly (string | null)[]) => of.flatMap((part, i) => (part === 'test' ? [i] : []))
    expect(tested(split().meant)).toEqual(tested(meant))
  })

  test('the seed decides, and nothing else', () => {
    expect(split(7)).toEqual(split(7))
    expect(split(8).meant).not.toEqual(split(7).meant)
  })

  test('a class in one block only is trained on', () => {
    const rare = tiles.map((tile, i) => (i === 0 ? { ...tile, label: 3 } : tile))
    for (const seed of [1, 2, 3, 4, 5])
      expect(splitByBlocks(rare, { size: 3200, buffer: 0 }, fractions, seed).meant[0]).toBe('training')
  })

  test('the usual block is as large as 25 blocks allow, and holds four tiles at least', () => {
    expect(usualSize(tiles)).toBe((39 * 640) / 4)
    expect(usualSize(map(3, 3, () => 0))).toBe(2 * 640)
  })
})
