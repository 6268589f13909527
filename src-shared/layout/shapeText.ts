/** How sizes are written everywhere: `28×28×6` for a map, `400` for a vector. */
import type { Shape } from '../ops'

export function shapeText(shape: Shape): string {
  return shape.join('×')
}

/** Product of the dimensions: how many numbers a tensor of this shape holds. */
export function shapeSize(shape: Shape): number {
  return shape.reduce((product, n) => product * n, 1)
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i])
}
