/** Which blocks lie in a part of the canvas, found without looking at all of them: blocks sorted into square cells. */
import { blockHeight, blockWidth, type Position, type Rect } from './blockSize'

const cell = 512

export interface Obstacles {
  /** Places of the blocks that touch `rect`, but those that `except` has. */
  within(rect: Rect, except?: { has(id: string): boolean }): Position[]
}

function* cellsOf({ x, y, width, height }: Rect): Generator<string> {
  for (let column = Math.floor(x / cell); column <= Math.floor((x + width) / cell); column++)
    for (let row = Math.floor(y / cell); row <= Math.floor((y + height) / cell); row++)
      yield `${column} ${row}`
}

export function obstacleIndex(places: ReadonlyMap<string, Position>): Obstacles {
  const cells = new Map<string, string[]>()
  for (const [id, [x, y]] of places) {
    for (const key of cellsOf({ x, y, width: blockWidth, height: blockHeight })) {
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
        if (except?.has(id)) return []
        const [x, y] = places.get(id)!
        const touches =
          x < rect.x + rect.width &&
          x + blockWidth > rect.x &&
          y < rect.y + rect.height &&
          y + blockHeight > rect.y
        return touches ? [[x, y] as const] : []
      })
    },
  }
}
