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

/** Columns that must stay together: from one place where a row may begin to the next. */
function segmentsOf(columns: readonly Column[]): Column[][] {
  const segments: Column[][] = []
  for (const column of columns) {
    if (segments.length === 0 || column.cut) segments.push([column])
    else segments.at(-1)!.push(column)
  }
  return segments
}

/** Fills rows of at most `perRow` columns as a text is wrapped; a longer segment gets a row of its own. */
function wrap(segments: readonly Column[][], perRow: number): Column[][] {
  const rows: Column[][] = []
  for (const segment of segments) {
    const row = rows.at(-1)
    if (row && row.length + segment.length <= perRow) row.push(...segment)
    else rows.push([...segment])
  }
  return rows
}

const lineGap = rowGap * 1.5
const rowTop = (row: readonly Column[]) => Math.min(...row.map((column) => column.top))
const rowHeight = (row: readonly Column[]) =>
  Math.max(...row.map((column) => column.bottom)) - rowTop(row) + lineGap

/** The wrapping that can be shown largest in a place of this aspect (width over height). */
function bestRows(segments: readonly Column[][], columnCount: number, aspect: number): Column[][] {
  let best: Column[][] = []
  let bestZoom = 0
  for (let perRow = 1; perRow <= columnCount; perRow++) {
    const rows = wrap(segments, perRow)
    const width = Math.max(...rows.map((row) => row.length)) * (blockWidth + columnGap)
    const height = rows.reduce((sum, row) => sum + rowHeight(row), 0)
    const zoom = Math.min(aspect / width, 1 / height)
    // Of equally large ones the first, which has the most even rows.
    if (zoom > bestZoom * 1.001) {
      best = rows
      bestZoom = zoom
    }
  }
  return best
}

/** Positions of all blocks. `aspect`: width over height of the place to fill. */
export function layoutGraph(graph: Graph, aspect: number): Map<string, Position> {
  const positions = dagrePositions(graph)
  const columns = columnsOf(graph, positions)
  const placed = new Map<string, Position>()
  let y = 0
  for (const row of bestRows(segmentsOf(columns), columns.length, aspect)) {
    const left = row[0]!.x
    const top = rowTop(row)
    for (const id of row.flatMap((column) => column.blocks)) {
      const [x, oldY] = positions.get(id)!
      placed.set(id, [snap(x - left), snap(oldY - top + y)])
    }
    y += rowHeight(row)
  }
  return placed
}

export function withPositions(graph: Graph, positions: ReadonlyMap<string, Position>): Graph {
  return {
    ...graph,
    blocks: graph.blocks.map((block) => {
      const position = positions.get(block.id)
      return position ? { ...block, position } : block
    }),
  }
}
