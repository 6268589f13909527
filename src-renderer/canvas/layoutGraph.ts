/**
 * Automatic layout: dagre puts the blocks into columns from left to right; a long network is then wrapped into rows like
 * text, at places where a single connection carries everything, so that it stays readable without zooming out.
 */
import { graphlib, layout } from '@dagrejs/dagre'
import type { Graph } from '#shared/graph/types'
import { blockHeight, blockWidth, columnGap, gridStep, rowGap } from './blockSize'

type Position = readonly [number, number]

interface Column {
  x: number
  top: number
  bottom: number
  blocks: string[]
  /** Whether a row may begin here: exactly one connection leads into this column from what lies before. */
  cut: boolean
}

const snap = (n: number) => Math.round(n / gridStep) * gridStep

function dagrePositions(graph: Graph): Map<string, Position> {
  const dagre = new graphlib.Graph()
  dagre.setGraph({ rankdir: 'LR', ranksep: columnGap, nodesep: rowGap })
  dagre.setDefaultEdgeLabel(() => ({}))
  const ids = new Set(graph.blocks.map((block) => block.id))
  for (const id of ids) dagre.setNode(id, { width: blockWidth, height: blockHeight })
  for (const { from, to } of graph.connections) {
    if (ids.has(from) && ids.has(to) && from !== to) dagre.setEdge(from, to)
  }
  layout(dagre)
  return new Map(
    [...ids].map((id) => {
      const { x, y } = dagre.node(id) as { x: number; y: number }
      return [id, [x - blockWidth / 2, y - blockHeight / 2] as const]
    }),
  )
}

function columnsOf(graph: Graph, positions: ReadonlyMap<string, Position>): Column[] {
  const byX = new Map<number, Column>()
  for (const [id, [x, y]] of positions) {
    const key = Math.round(x)
    const column = byX.get(key) ?? { x, top: Infinity, bottom: -Infinity, blocks: [], cut: false }
    column.blocks.push(id)
    column.top = Math.min(column.top, y)
    column.bottom = Math.max(column.bottom, y + blockHeight)
    byX.set(key, column)
  }
  const columns = [...byX.values()].sort((a, b) => a.x - b.x)
  const index = new Map(columns.flatMap((column, i) => column.blocks.map((id) => [id, i] as const)))
  columns.forEach((column, i) => {
    const crossing = graph.connections.filter(
      ({ from, to }) => (index.get(from) ?? i) < i && (index.get(to) ?? -1) >= i,
    )
    column.cut = crossing.length <= 1
  })
  return columns
}

/** Splits columns into rows of about `perRow` columns, only where one may begin. */
function rowsOf(columns: readonly Column[], perRow: number): Column[][] {
  const rows: Column[][] = []
  for (const column of columns) {
    const row = rows.at(-1)
    if (!row || (row.length >= perRow && column.cut)) rows.push([column])
    else row.push(column)
  }
  return rows
}

/** Positions of all blocks. `aspect`: width over height of the place to fill. */
export function layoutGraph(graph: Graph, aspect: number): Map<string, Position> {
  const positions = dagrePositions(graph)
  const columns = columnsOf(graph, positions)
  if (columns.length === 0) return positions
  const tallest = Math.max(...columns.map((column) => column.bottom - column.top)) + rowGap * 1.5
  const step = blockWidth + columnGap
  // Rows r of n columns fill the aspect when (n/r · step) / (r · tallest) = aspect.
  const rowCount = Math.max(1, Math.round(Math.sqrt((columns.length * step) / (tallest * aspect))))
  const perRow = Math.max(3, Math.ceil(columns.length / rowCount))
  const placed = new Map<string, Position>()
  let y = 0
  for (const row of rowsOf(columns, perRow)) {
    const left = row[0]!.x
    const top = Math.min(...row.map((column) => column.top))
    const bottom = Math.max(...row.map((column) => column.bottom))
    for (const id of row.flatMap((column) => column.blocks)) {
      const [x, oldY] = positions.get(id)!
      placed.set(id, [snap(x - left), snap(oldY - top + y)])
    }
    y += bottom - top + rowGap * 1.5
  }
  return placed
}

export function withPositions(graph: Graph, positions: ReadonlyMap<string, Position>): Graph {
  return {
    ...graph,
    blocks: graph.blocks.map((block) => ({ ...block, position: positions.get(block.id) ?? block.position })),
  }
}
