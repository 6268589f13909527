/**
 * The way a connection takes on the canvas: straight steps between neighbours, and around the blocks that lie between its
 * ends otherwise (a shortcut of a residual network must not run through what it skips).
 */
import { getSmoothStepPath, Position } from '@vue-flow/core'
import { blockHeight, type Position as Point, type Rect } from './blockSize'
import type { Obstacles } from './obstacles'

export interface Route {
  /** SVG path. */
  path: string
  /** Where the size is written. */
  label: Point
}

const radius = 10
/** Between a connection and the blocks it passes. */
const clearance = 20

/** A line through points, its corners rounded. */
function roundedPath(points: readonly Point[]): string {
  const parts = [`M ${points[0]!.join(' ')}`]
  for (let i = 1; i < points.length - 1; i++) {
    const [before, corner, after] = [points[i - 1]!, points[i]!, points[i + 1]!]
    const r = Math.min(
      radius,
      Math.hypot(corner[0] - before[0], corner[1] - before[1]) / 2,
      Math.hypot(after[0] - corner[0], after[1] - corner[1]) / 2,
    )
    const towards = (to: Point): Point => {
      const length = Math.hypot(to[0] - corner[0], to[1] - corner[1]) || 1
      return [corner[0] + ((to[0] - corner[0]) * r) / length, corner[1] + ((to[1] - corner[1]) * r) / length]
    }
    parts.push(`L ${towards(before).join(' ')} Q ${corner.join(' ')} ${towards(after).join(' ')}`)
  }
  parts.push(`L ${points.at(-1)!.join(' ')}`)
  return parts.join(' ')
}

/** The height nearest to the straight way at which a horizontal line from `left` to `right` meets no block. */
function freeLane(
  [sy, ty]: readonly [number, number],
  [left, right]: readonly [number, number],
  within: (rect: Rect) => Rect[],
): number {
  const reach = blockHeight * 8
  const around = {
    x: left,
    y: Math.min(sy, ty) - reach,
    width: right - left,
    height: Math.abs(ty - sy) + 2 * reach,
  }
  // Blocks in rows are many, their heights few.
  const heights = new Set(within(around).map(({ y }) => y))
  const spans = [...heights].map((y) => [y - clearance, y + blockHeight + clearance] as const)
  const middle = (sy + ty) / 2
  const free = [middle, ...spans.flat()].filter(
    (lane) => !spans.some(([top, bottom]) => lane > top && lane < bottom),
  )
  const detour = (lane: number) => Math.abs(lane - sy) + Math.abs(lane - ty) + Math.abs(lane - middle) / 1000
  return free.reduce((best, lane) => (detour(lane) < detour(best) ? lane : best), free[0] ?? middle)
}

/** From the right edge of one block to the left edge of another, around the blocks in between but those that `except` has. */
export function routeConnection(
  [sx, sy]: Point,
  [tx, ty]: Point,
  obstacles: Obstacles,
  except?: { has(id: string): boolean },
): Route {
  const within = (rect: Rect) => obstacles.within(rect, except)
  const between = { x: sx + 1, y: Math.min(sy, ty) - 4, width: tx - sx - 2, height: Math.abs(ty - sy) + 8 }
  if (tx > sx && (between.width <= 0 || within(between).length === 0)) {
    const [path, x, y] = getSmoothStepPath({
      sourceX: sx,
      sourceY: sy,
      sourcePosition: Position.Right,
      targetX: tx,
      targetY: ty,
      targetPosition: Position.Left,
      borderRadius: radius,
    })
    return { path, label: [x, y] }
  }
  const [out, back] = [sx + clearance, tx - clearance]
  const lane = freeLane([sy, ty], [Math.min(out, back), Math.max(out, back)], within)
  const corners: Point[] = [
    [out, sy],
    [out, lane],
    [back, lane],
    [back, ty],
  ]
  return { path: roundedPath([[sx, sy], ...corners, [tx, ty]]), label: [(sx + tx) / 2, lane] }
}
