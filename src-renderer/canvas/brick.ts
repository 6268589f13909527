/**
 * The brick of an activation map: a box whose edges stand for height, width and channels, in cabinet projection: height
 * goes up, channels go right (along the flow, as CNN figures draw it), width recedes at half length.
 *
 * Maps run from 1×1×1000 to 512×512×3, so edges cannot be proportional to the sizes: at true scale one of the two would
 * be a hair or leave the block. An edge is a power of its size, edge = 7 · n^0.33 pixels: doubling a size always
 * makes its edge 1.26 times as long, 1 is still a visible 7 px, 28 is 21 px, 512 is 55 px and 1000 is 68 px. So bricks can
 * be compared with each other across the whole canvas: halving a map by pooling looks the same everywhere.
 */
import type { Shape } from '#shared/ops'

const unitEdge = 7
const exponent = 0.33
/** Longest edge drawn, in pixels; reached only beyond about 5,000. */
const longest = 116
const recede = 0.5
const angle = (38 * Math.PI) / 180

export interface Brick {
  width: number
  height: number
  /** SVG polygon points of the visible faces. */
  front: string
  top: string
  side: string
  /** Edge lengths in pixels. */
  edges: Edges
  /** Parts never read by the next block, drawn striped on the side face (rows) and top face (columns). */
  unreadRows: string | null
  unreadColumns: string | null
}

export function edgeLength(n: number): number {
  return Math.min(longest, unitEdge * n ** exponent)
}

function points(...corners: readonly (readonly [number, number])[]): string {
  return corners.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ')
}

/** Room for a brick on a block, in pixels. */
const stage = { width: 140, height: 72 }
const largestScale = 1.9

interface Edges {
  height: number
  width: number
  channels: number
}

/** A vector is drawn as 1×1×n. */
function edgesOf(shape: Shape, scale: number): Edges {
  const [rows, columns, channels] = shape.length === 1 ? [1, 1, shape[0]!] : [shape[0]!, shape[1]!, shape[2]!]
  return {
    height: edgeLength(rows) * scale,
    width: edgeLength(columns) * scale,
    channels: edgeLength(channels) * scale,
  }
}

const recedeX = recede * Math.cos(angle)
const recedeY = recede * Math.sin(angle)

/** One factor for all bricks of a network, so that its largest fills the stage and all can be compared. */
export function brickScale(shapes: Iterable<Shape>): number {
  let scale = largestScale
  for (const shape of shapes) {
    const { height, width, channels } = edgesOf(shape, 1)
    scale = Math.min(
      scale,
      stage.width / (channels + width * recedeX),
      stage.height / (height + width * recedeY),
    )
  }
  return scale
}

/** `[h, w, c]`, or `[n]`, which is drawn as 1×1×n. `unread`: rows and columns at the far edge that nothing reads. */
export function makeBrick(shape: Shape, unread: readonly [number, number] = [0, 0], scale = 1): Brick {
  const [rows, columns] = shape.length === 1 ? [1, 1] : [shape[0]!, shape[1]!]
  const edges = edgesOf(shape, scale)
  const { height: h, width: w, channels: c } = edges
  const dx = w * recedeX
  const dy = w * recedeY
  const base = dy + h
  // Shares of the true size, never so thin that the stripes could not be seen.
  const lostRows = unread[0] > 0 ? Math.min(h, Math.max(2.5, (unread[0] / rows) * h)) : 0
  const lostColumns = unread[1] > 0 ? Math.min(1, Math.max(0.2, unread[1] / columns)) : 0
  return {
    width: c + dx,
    height: h + dy,
    front: points([0, dy], [c, dy], [c, base], [0, base]),
    top: points([0, dy], [dx, 0], [c + dx, 0], [c, dy]),
    side: points([c, dy], [c + dx, 0], [c + dx, h], [c, base]),
    edges,
    unreadRows: lostRows ? points([0, base - lostRows], [c, base - lostRows], [c, base], [0, base]) : null,
    unreadColumns: lostColumns
      ? points(
          [dx * (1 - lostColumns), dy * lostColumns],
          [dx, 0],
          [c + dx, 0],
          [c + dx * (1 - lostColumns), dy * lostColumns],
        )
      : null,
  }
}
