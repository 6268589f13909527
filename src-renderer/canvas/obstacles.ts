/** What lies in a part of the canvas, found without looking at all of it: rectangles sorted into square cells. */
import type { Rect } from './blockSize'

const cell = 512

export interface Obstacles {
  /** Those that touch `rect`, but those that `except` has. */
  within(rect: Rect, except?: { has(id: string): boolean }): Rect[]
}

export function touches(a: Rect, b: Rect): boolean {
  return a.x < b.x + b.width && a.x + a.width > b.x && a.y < b.y + b.height && a.y + a.height > b.y
}

function* cellsOf({ x, y, width, height }: Rect): Generator<string> {
  for (let column = Math.floor(x / cell); column <= Math.floor((x + width) / cell); column++)
    for (let row = Math.floor(y / cell); row <= Math.floor((y + height) / cell); row++)
      yield `${column} ${row}`
}

export function obstacleIndex(rects: ReadonlyMap<string, Rect>): Obstacles {
  const cells = new Map<string, string[]>()
  for (const [id, rect] of rects) {
    for (const key of cellsOf(rect)) {
      const list = cells.get(key)
      if (list) list.push(id)
      else cells.set(key, [id])
    }
  }
  return {
    within(rect, except) {
      const found = new Set<string>()
      for (const key of cellsOf(rect)) for (const id of cells.get(key) ?? []) found.add(id)
      return [...found].flatMap((id) => {
        const own = rects.get(id)!
        return !except?.has(id) && touches(own, rect) ? [own] : []
      })
    },
  }
}
