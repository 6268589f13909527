/** Where a callout stands: as close to what it speaks of as it can without covering a block, and in sight. */
import { blockHeight, blockWidth, type Position, type Rect } from './blockSize'
import type { Obstacles } from './obstacles'

export const calloutWidth = 216
/** About its height; its texts are three or four lines and a button. */
const calloutHeight = 92
const gap = 14

function overlap(a: Rect, b: Rect): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y)
  return width > 0 && height > 0 ? width * height : 0
}

/** Answers its top left corner. `at` is the middle of the connection, `seen` the part of the canvas that is in sight. */
export function calloutPlace([x, y]: Position, obstacles: Obstacles, seen: Rect): Position {
  const across = [0, -1, 1].map((side) => x - calloutWidth / 2 + (side * calloutWidth) / 2)
  const down = [
    y + gap,
    y - gap - calloutHeight,
    y + blockHeight / 2 + gap,
    y - blockHeight / 2 - gap - calloutHeight,
  ]
  let best: Position = [across[0]!, down[0]!]
  let least = Infinity
  for (const [step, top] of down.entries()) {
    for (const left of across) {
      const rect = { x: left, y: top, width: calloutWidth, height: calloutHeight }
      const covered = obstacles
        .within(rect)
        .reduce(
          (sum, [bx, by]) => sum + overlap(rect, { x: bx, y: by, width: blockWidth, height: blockHeight }),
          0,
        )
      const hidden = rect.width * rect.height - overlap(rect, seen)
      const cost = covered + hidden * 2 + step
      if (cost < least) {
        least = cost
        best = [left, top]
      }
    }
  }
  return best
}
