/**
 * A split by place. Tiles beside each other look alike; where chance deals them, what is judged lies next to what was learnt, and the
 * accuracy says more of memory than of the next scene. Here whole blocks of the map go to a part, and tiles too near to another part
 * are left out.
 */
import type { Part } from '#shared/project/parts'
import { uniform, type MeantFor, type SplitFractions } from './split'

/** Where a tile lies, in map units. */
export interface Box {
  left: number
  bottom: number
  right: number
  top: number
}

export interface Tile {
  /** Number of its class. */
  label: number
  box: Box
}

export interface BlockSettings {
  /** Side of a block in map units; null is chosen by {@link usualSize}. */
  size: number | null
  /** Least distance between tiles of two parts, in map units; null is the side of a tile. */
  buffer: number | null
}

export interface BlockSplit {
  /** Null: too near to another part. */
  meant: MeantFor
  size: number
  buffer: number
  /** How many blocks each part has. */
  blocks: Readonly<Record<Part, number>>
}

/** So many blocks are wanted, that each part gets several and every class finds some. */
const wantedBlocks = 25

const middle = ({ left, right, bottom, top }: Box) => [(left + right) / 2, (bottom + top) / 2] as const

function sideOf(tiles: readonly Tile[]): number {
  const sides = tiles
    .map(({ box }) => Math.max(box.right - box.left, box.top - box.bottom))
    .sort((a, b) => a - b)
  return sides[sides.length >> 1] ?? 1
}

/** The block a tile's middle lies in. Blocks are laid from the origin of the map, so that other tiles do not move them. */
function blockOf({ box }: Tile, size: number): string {
  const [x, y] = middle(box)
  return `${Math.floor(x / size)} ${Math.floor(y / size)}`
}

/**
 * The largest of a quarter, an eighth, a sixteenth … of the tiles' extent that gives 25 blocks with tiles, but no less than two
 * sides of a tile.
 */
export function usualSize(tiles: readonly Tile[]): number {
  const centres = tiles.map(({ box }) => middle(box))
  const extent = Math.max(...[0, 1].map((axis) => spread(centres.map((centre) => centre[axis] as number))))
  const least = 2 * sideOf(tiles)
  let size = Math.max(extent / 4, least)
  while (size / 2 >= least && new Set(tiles.map((tile) => blockOf(tile, size))).size < wantedBlocks) size /= 2
  return size
}

function spread(values: readonly number[]): number {
  let [low, high] = [Infinity, -Infinity]
  for (const value of values) {
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  return high - low
}

/** Splits tiles of one coordinate system; the same for the same tiles, settings and seed. */
export function splitByBlocks(
  tiles: readonly Tile[],
  settings: BlockSettings,
  fractions: SplitFractions,
  seed: number,
): BlockSplit {
  const size = settings.size ?? usualSize(tiles)
  const buffer = settings.buffer ?? sideOf(tiles)
  const blocks = new Map<string, number[]>()
  tiles.forEach((tile, i) => {
    const block = blockOf(tile, size)
    const own = blocks.get(block)
    if (own) own.push(i)
    else blocks.set(block, [i])
  })
  const meant = new Array<Part | null>(tiles.length).fill(null)
  const counts = { training: 0, validation: 0, test: 0 }
  for (const [block, part] of dealBlocks(tiles, blocks, fractions, seed)) {
    counts[part]++
    for (const i of blocks.get(block) ?? []) meant[i] = part
  }
  return { meant: keepApart(tiles, meant, buffer), size, buffer, blocks: counts }
}

/**
 * Deals blocks in an order shuffled by the seed. A block goes where it brings the shares of the classes nearest to those asked for:
 * the change of Σ (have − wanted)² / wanted over the parts, summed over the classes by their share in all. What alone holds a class
 * is trained on.
 */
function dealBlocks(
  tiles: readonly Tile[],
  blocks: ReadonlyMap<string, readonly number[]>,
  fractions: SplitFractions,
  seed: number,
): Map<string, Part> {
  const all = countLabels(tiles, tiles.keys())
  const shares: Record<Part, number> = { ...fractions, training: 1 - fractions.validation - fractions.test }
  const open = (['test', 'validation', 'training'] as const).filter((part) => shares[part] > 0)
  const have = {
    training: new Map<number, number>(),
    validation: new Map<number, number>(),
    test: new Map<number, number>(),
  }
  const places = new Map<number, number>()
  const inside = new Map(Array.from(blocks, ([block, own]) => [block, countLabels(tiles, own)]))
  for (const counts of inside.values())
    for (const label of counts.keys()) places.set(label, (places.get(label) ?? 0) + 1)
  const dealt = new Map<string, Part>()
  const give = (block: string, part: Part) => {
    dealt.set(block, part)
    for (const [label, n] of inside.get(block) ?? []) have[part].set(label, (have[part].get(label) ?? 0) + n)
  }
  const order = shuffled([...blocks.keys()].sort(), seed)
  const alone = (block: string) =>
    Array.from(inside.get(block)?.keys() ?? []).some((label) => places.get(label) === 1)
  for (const block of order.filter(alone)) give(block, 'training')
  for (const block of order.filter((one) => !alone(one))) {
    const cost = (part: Part) => {
      let sum = 0
      for (const [label, n] of inside.get(block) ?? []) {
        const of = all.get(label) as number
        const wanted = of * shares[part]
        sum += (n / of) * ((2 * (have[part].get(label) ?? 0) + n) / wanted - 2)
      }
      return sum
    }
    give(
      block,
      open.reduce((best, part) => (cost(part) < cost(best) ? part : best)),
    )
  }
  return dealt
}

function countLabels(tiles: readonly Tile[], positions: Iterable<number>): Map<number, number> {
  const counts = new Map<number, number>()
  for (const i of positions) {
    const { label } = tiles[i] as Tile
    counts.set(label, (counts.get(label) ?? 0) + 1)
  }
  return counts
}

function shuffled<T>(values: T[], seed: number): T[] {
  const random = uniform(seed)
  for (let i = values.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[values[i], values[j]] = [values[j] as T, values[i] as T]
  }
  return values
}

/**
 * Leaves out tiles nearer than `buffer` to a tile of another part, overlapping ones in any case: training tiles near one to
 * validate or test, and those to validate near one to test, so that what is judged in the end stays whole.
 */
function keepApart(tiles: readonly Tile[], meant: MeantFor, buffer: number): MeantFor {
  const kept = [...meant]
  const guarded = new NearBoxes(buffer, tiles)
  for (const part of ['test', 'validation', 'training'] as const) {
    const own = Array.from(kept.keys()).filter((i) => kept[i] === part)
    for (const i of own) if (guarded.isNear((tiles[i] as Tile).box)) kept[i] = null
    for (const i of own) if (kept[i] === part) guarded.add((tiles[i] as Tile).box)
  }
  return kept
}

/** Boxes in a grid wide enough that whatever is near lies in the same cell or one beside it. */
class NearBoxes {
  private readonly cells = new Map<string, Box[]>()
  private readonly width: number

  constructor(
    private readonly buffer: number,
    tiles: readonly Tile[],
  ) {
    const largest = tiles.reduce(
      (most, { box }) => Math.max(most, box.right - box.left, box.top - box.bottom),
      0,
    )
    this.width = largest + buffer
  }

  add(box: Box): void {
    const [column, row] = this.cell(box)
    const key = `${column} ${row}`
    const own = this.cells.get(key)
    if (own) own.push(box)
    else this.cells.set(key, [box])
  }

  isNear(box: Box): boolean {
    const [column, row] = this.cell(box)
    for (const x of [column - 1, column, column + 1])
      for (const y of [row - 1, row, row + 1])
        if (
          this.cells
            .get(`${x} ${y}`)
            ?.some((other) => distance(box, other) < this.buffer || overlap(box, other))
        )
          return true
    return false
  }

  private cell(box: Box): [number, number] {
    const [x, y] = middle(box)
    return [Math.floor(x / this.width), Math.floor(y / this.width)]
  }
}

/** Between the edges of two boxes; 0 where they touch. */
function distance(a: Box, b: Box): number {
  const x = Math.max(a.left - b.right, b.left - a.right, 0)
  const y = Math.max(a.bottom - b.top, b.bottom - a.top, 0)
  return Math.hypot(x, y)
}

/** More than a thousandth of a side: edges that should touch differ in their last digits. */
function overlap(a: Box, b: Box): boolean {
  const slack = (a.right - a.left) / 1000
  const x = Math.min(a.right, b.right) - Math.max(a.left, b.left)
  const y = Math.min(a.top, b.top) - Math.max(a.bottom, b.bottom)
  return x > slack && y > slack
}
