/** New places for what is selected: in a row, in a column, or with even gaps. Everything has the size of a block. */
import { gridStep, type Position } from './blockSize'

export type Alignment = 'row' | 'column' | 'across' | 'down'

const snap = (n: number) => Math.round(n / gridStep) * gridStep
const mean = (values: readonly number[]) => values.reduce((sum, n) => sum + n, 0) / values.length

export function alignNodes(places: ReadonlyMap<string, Position>, how: Alignment): Map<string, Position> {
  const entries = [...places]
  if (how === 'row' || how === 'column') {
    const axis = how === 'row' ? 1 : 0
    const common = snap(mean(entries.map(([, place]) => place[axis])))
    return new Map(entries.map(([id, [x, y]]) => [id, how === 'row' ? [x, common] : [common, y]]))
  }
  const axis = how === 'across' ? 0 : 1
  const sorted = entries.sort(([, a], [, b]) => a[axis] - b[axis])
  const [start, end] = [sorted[0]?.[1][axis] ?? 0, sorted.at(-1)?.[1][axis] ?? 0]
  const step = sorted.length > 1 ? (end - start) / (sorted.length - 1) : 0
  return new Map(
    sorted.map(([id, [x, y]], i) => {
      const at = snap(start + i * step)
      return [id, axis === 0 ? [at, y] : [x, at]]
    }),
  )
}
