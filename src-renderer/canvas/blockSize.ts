/** Size of a block on the canvas, in pixels at zoom 1. One size for all, so that layouts and drops need no measuring. */
export type Position = readonly [x: number, y: number]
export interface Rect {
  x: number
  y: number
  width: number
  height: number
}

export const blockWidth = 164
export const blockHeight = 148
export const blockRect = ([x, y]: Position): Rect => ({ x, y, width: blockWidth, height: blockHeight })
/** Between columns: room for the size written on a connection. */
export const columnGap = 80
export const rowGap = 44
/** Positions snap to this grid. */
export const gridStep = 4

/** The coloured edge on top of a block, and the thin one below. */
const topEdge = 4
const inner = blockHeight - topEdge - 1
/** Radius of a port, the round thing that connections start and end at. */
export const portRadius = 6

/** Where a connection leaves a block, and where it arrives at input `input` of `count`; from the top left corner. */
export const outputPort: Position = [blockWidth + portRadius, topEdge + inner / 2]
export function inputPort(input: number, count: number): Position {
  return [-portRadius, topEdge + (inner * (Math.min(input, count - 1) + 1)) / (count + 1)]
}
