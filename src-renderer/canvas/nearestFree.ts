/** Where something that floats beside the network stands: as near to a point as it can without covering what is there. */
import type { Position, Rect } from './blockSize'
import { touches, type Obstacles } from './obstacles'

export interface Wanted {
  width: number
  height: number
  /** Its border comes as near to this point as it can; its middle counts too, but less. */
  near: Position
  /** Room to what is there. */
  gap: number
  /** What else it must not cover. */
  also?: readonly Rect[]
  /** The part of the canvas in sight: a place in it comes first. */
  seen?: Rect | null
}

/** How far around the point is looked; in a network without a gap for so long, anything would be far from what it speaks of. */
const reach = 1400

/** Where it stands beside a wide thing, its border is what people see near. */
const middleCounts = 0.25

/** From a point to the nearest of a rectangle; 0 within. */
function distance([x, y]: Position, { x: left, y: top, width, height }: Rect): number {
  return Math.hypot(Math.max(left - x, 0, x - left - width), Math.max(top - y, 0, y - top - height))
}

/** Share of `rect` that lies outside `seen`. */
function hidden(rect: Rect, seen: Rect): number {
  const across = Math.min(rect.x + rect.width, seen.x + seen.width) - Math.max(rect.x, seen.x)
  const down = Math.min(rect.y + rect.height, seen.y + seen.height) - Math.max(rect.y, seen.y)
  return 1 - (Math.max(0, across) * Math.max(0, down)) / (rect.width * rect.height)
}

/**
 * Answers the top left corner. The nearest free place touches an obstacle or the wanted point in each direction (or it could come
 * nearer), so only such places are tried.
 */
export function nearestFree(
  obstacles: Obstacles,
  { width, height, near, gap, also = [], seen = null }: Wanted,
): Position {
  const [x, y] = near
  const around = { x: x - reach, y: y - reach, width: 2 * reach, height: 2 * reach }
  const taken = [...obstacles.within(around), ...also].map((rect) => ({
    x: rect.x - gap,
    y: rect.y - gap,
    width: rect.width + 2 * gap,
    height: rect.height + 2 * gap,
  }))
  const lefts = new Set([x - width / 2, ...taken.flatMap((rect) => [rect.x - width, rect.x + rect.width])])
  const tops = new Set([y - height / 2, ...taken.flatMap((rect) => [rect.y - height, rect.y + rect.height])])
  if (seen) {
    for (const left of [seen.x + gap, seen.x + seen.width - width - gap]) lefts.add(left)
    for (const top of [seen.y + gap, seen.y + seen.height - height - gap]) tops.add(top)
  }
  const places: { left: number; top: number; cost: number }[] = []
  for (const left of lefts) {
    for (const top of tops) {
      const rect = { x: left, y: top, width, height }
      const middle = Math.hypot(left + width / 2 - x, top + height / 2 - y)
      const away = distance(near, rect) + middleCounts * middle
      const unseen = seen ? hidden(rect, seen) : 0
      // Of two as good, the one below.
      const above = top + height / 2 < y ? 1 : 0
      places.push({ left, top, cost: away + unseen * reach + above })
    }
  }
  places.sort((a, b) => a.cost - b.cost)
  const found = places.find(
    ({ left, top }) => !taken.some((rect) => touches({ x: left, y: top, width, height }, rect)),
  )
  return found ? [found.left, found.top] : [x - width / 2, y - height / 2]
}
