/**
 * Where a new block goes and what it is joined to. Pure: graphs in, graphs out, each a single step to undo.
 * Appending joins it after a block, into the connection that leaves there if there is just one; dropping on a
 * connection puts it into that one.
 */
import { applyEdits } from '#shared/graph/applyEdits'
import { canConnect } from '#shared/graph/canConnect'
import type { Block, BlockParams, Connection, Graph, GraphEdit } from '#shared/graph/types'
import { definitionOf } from '../project/blockText'
import { blockHeight, blockWidth, columnGap, gridStep, rowGap } from './blockSize'
import { uniqueBlockId } from '#shared/graph/uniqueBlockId'

type Position = readonly [number, number]
export interface Placed {
  graph: Graph
  blockId: string
}

const stepX = blockWidth + columnGap
const stepY = blockHeight + rowGap * 1.5
/** Blocks in a row before appending goes on in the next, as text does. */
const perRow = 5

const place = (block: Block | undefined): Position => block?.position ?? [0, 0]
const snap = ([x, y]: Position): Position => [
  Math.round(x / gridStep) * gridStep,
  Math.round(y / gridStep) * gridStep,
]

function overlaps([x, y]: Position, block: Block): boolean {
  const [bx, by] = place(block)
  return Math.abs(x - bx) < blockWidth + 8 && Math.abs(y - by) < blockHeight + 8
}

/** The place itself, or the next one below that is free. */
function freePlace(graph: Graph, wanted: Position): Position {
  const [x, y] = snap(wanted)
  return graph.blocks.some((block) => overlaps([x, y], block))
    ? freePlace(graph, [x, y + blockHeight + rowGap])
    : [x, y]
}

/** What is to be added: a type with its defaults, or with settings too. */
type Wanted = string | { type: string; params: BlockParams }
const typeOf = (wanted: Wanted) => (typeof wanted === 'string' ? wanted : wanted.type)

function createBlock(graph: Graph, wanted: Wanted, position: Position): Block {
  const { type, params } = typeof wanted === 'string' ? { type: wanted, params: {} } : wanted
  return { id: uniqueBlockId(type, graph.blocks), type, params, position }
}

/** The block that appending continues from: the end of the longest-drawn chain, or what leads into the output. */
function lastBlock(graph: Graph): Block | null {
  const open = graph.blocks.filter(
    (block) =>
      definitionOf(block.type)?.hasOutput &&
      !graph.connections.some((connection) => connection.from === block.id),
  )
  if (open.length > 0) return open.at(-1)!
  const output = graph.blocks.find((block) => definitionOf(block.type)?.hasOutput === false)
  const into = graph.connections.find((connection) => connection.to === output?.id)
  return graph.blocks.find((block) => block.id === into?.from) ?? graph.blocks.at(-1) ?? null
}

/** Makes room to the right: blocks of the same row from `from` on move by one step. */
function shiftRow(graph: Graph, from: Position): Graph {
  return {
    ...graph,
    blocks: graph.blocks.map((block) => {
      const [x, y] = place(block)
      const inRow = Math.abs(y - from[1]) < blockHeight && x >= from[0] - blockWidth / 2
      return inRow ? { ...block, position: [x + stepX, y] as const } : block
    }),
  }
}

/** Puts a block into a connection, moving what follows aside where there is no room. */
export function insertOn(graph: Graph, what: Wanted, on: Connection, wanted: Position | null = null): Placed {
  const byId = new Map(graph.blocks.map((block) => [block.id, block]))
  const [fromX, fromY] = place(byId.get(on.from))
  const [toX, toY] = place(byId.get(on.to))
  const sameRow = Math.abs(toY - fromY) < blockHeight
  const roomy = sameRow && toX - fromX >= stepX * 2 - columnGap
  let position: Position = wanted ?? (roomy ? [(fromX + toX) / 2, fromY] : [fromX + stepX, fromY])
  let base = graph
  if (sameRow && !roomy) {
    position = [fromX + stepX, fromY]
    base = shiftRow(graph, position)
  }
  const block = createBlock(base, what, freePlace(base, position))
  return { graph: applyEdits(base, [{ kind: 'insertBlock', block, on }]), blockId: block.id }
}

/** After an edit that put blocks in by itself (a repair): moves them and their row apart where they lie on others. */
export function makeRoom(before: Graph, after: Graph): Graph {
  const known = new Set(before.blocks.map((block) => block.id))
  return after.blocks
    .filter((block) => !known.has(block.id))
    .reduce((graph, added) => {
      const others = { ...graph, blocks: graph.blocks.filter((block) => block.id !== added.id) }
      const crowded = !added.position || others.blocks.some((block) => overlaps(place(added), block))
      if (!crowded) return graph
      const from = graph.connections.find((connection) => connection.to === added.id)?.from
      const [x, y] = place(graph.blocks.find((block) => block.id === from))
      const position = [x + stepX, y] as const
      const shifted = shiftRow(others, position)
      return { ...shifted, blocks: [...shifted.blocks, { ...added, position: freePlace(shifted, position) }] }
    }, after)
}

function takesInput(type: string): boolean {
  return definitionOf(type)?.inputs !== 'none'
}

export function mayBeInserted(type: string): boolean {
  return takesInput(type) && (definitionOf(type)?.hasOutput ?? false)
}

/**
 * Appends after the chosen block, or after the last one; the first block is simply placed. A merge takes the outputs of all
 * chosen ones, in their order on the canvas. `branch`: beside what follows already, not into the connection to it.
 */
export function appendBlock(graph: Graph, what: Wanted, chosen: readonly string[], branch = false): Placed {
  const type = typeOf(what)
  const many = definitionOf(type)?.inputs === 'many'
  const among = graph.blocks
    .filter(({ id, type: own }) => chosen.includes(id) && definitionOf(own)?.hasOutput)
    .toSorted((a, b) => place(a)[1] - place(b)[1] || place(a)[0] - place(b)[0])
  if (many && among.length > 1) return mergeBlocks(graph, what, among)

  const after = (among.length === 1 && among[0]) || lastBlock(graph)
  const leaving = graph.connections.filter((connection) => connection.from === after?.id)
  if (after && !branch && leaving.length === 1 && mayBeInserted(type))
    return insertOn(graph, what, leaving[0]!)

  const [x, y] = place(after ?? undefined)
  const left = Math.min(...graph.blocks.map((block) => place(block)[0]), x)
  const nextInRow: Position = [x + stepX, y]
  // Below everything: beside this row there may be branches.
  const lowest = Math.max(...graph.blocks.map((block) => place(block)[1]), y)
  const nextRow: Position = [left, lowest + stepY]
  const endOfRow = !branch && x + stepX >= left + perRow * stepX
  const wanted = !after ? ([0, 0] as const) : endOfRow ? nextRow : nextInRow
  const block = createBlock(graph, what, freePlace(graph, wanted))
  const edits: GraphEdit[] = [{ kind: 'addBlock', block }]
  if (after && definitionOf(after.type)?.hasOutput && takesInput(type)) {
    edits.push({
      kind: 'connect',
      connection: { from: after.id, to: block.id, ...(many && { input: 0 }) },
    })
  }
  return { graph: applyEdits(graph, edits), blockId: block.id }
}

/** A merge right of the outermost of the blocks it joins. */
function mergeBlocks(graph: Graph, what: Wanted, sources: readonly Block[]): Placed {
  const x = Math.max(...sources.map((block) => place(block)[0])) + stepX
  const y = place(sources[0])[1]
  const block = createBlock(graph, what, freePlace(graph, [x, y]))
  const edits: GraphEdit[] = [
    { kind: 'addBlock', block },
    ...sources.map(({ id: from }, input) => ({
      kind: 'connect' as const,
      connection: { from, to: block.id, input },
    })),
  ]
  return { graph: applyEdits(graph, edits), blockId: block.id }
}

/** Drops a block at a place: into the connection there, or free-standing. */
export function dropBlock(graph: Graph, what: Wanted, at: Position, on: Connection | null): Placed {
  if (on && mayBeInserted(typeOf(what))) return insertOn(graph, what, on, at)
  const block = createBlock(graph, what, freePlace(graph, at))
  return { graph: applyEdits(graph, [{ kind: 'addBlock', block }]), blockId: block.id }
}

/** Adds a block at a place and joins it to what a connection was drawn from (`from`) or to (`to`). */
export function addJoined(
  graph: Graph,
  what: Wanted,
  at: Position,
  { from, to }: { from: string | null; to: string | null },
): Placed {
  const type = typeOf(what)
  const placed = dropBlock(graph, what, at, null)
  const connection =
    from && takesInput(type)
      ? { from, to: placed.blockId }
      : to && definitionOf(type)?.hasOutput
        ? { from: placed.blockId, to }
        : null
  if (!connection) return placed
  const { impossible, replaces } = canConnect(placed.graph, connection)
  if (impossible) return placed
  const edits: GraphEdit[] = replaces ? [{ kind: 'disconnect', connection: replaces }] : []
  return { ...placed, graph: applyEdits(placed.graph, [...edits, { kind: 'connect', connection }]) }
}
