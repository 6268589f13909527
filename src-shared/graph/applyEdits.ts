/** Applies plain edits to a graph and answers a new one; the given graph stays as it is. */
import { blockDefinition } from '../blocks/index'
import type { Block, Connection, Graph, GraphEdit } from './types'

export function sameConnection(a: Connection, b: Connection): boolean {
  return a.from === b.from && a.to === b.to && a.input === b.input
}

function isMerge(graph: Graph, id: string): boolean {
  const block = graph.blocks.find((candidate) => candidate.id === id)
  return block !== undefined && blockDefinition(block.type)?.inputs === 'many'
}

/** Input numbers of the merges among `ids` made contiguous again, keeping their order. */
function renumberMerges(graph: Graph, ids: readonly string[]): Graph {
  const merges = new Set(ids.filter((id) => isMerge(graph, id)))
  if (merges.size === 0) return graph
  const number = new Map<Connection, number>()
  for (const id of merges) {
    graph.connections
      .filter(({ to }) => to === id)
      .sort((a, b) => (a.input ?? Infinity) - (b.input ?? Infinity))
      .forEach((connection, input) => number.set(connection, input))
  }
  const connections = graph.connections.map((connection) => {
    const input = number.get(connection)
    return input === undefined || input === connection.input ? connection : { ...connection, input }
  })
  return { ...graph, connections }
}

/** The next free input number of a merge. */
export function nextMergeInput(graph: Graph, id: string): number {
  const used = graph.connections.filter(({ to }) => to === id).map(({ input }) => input ?? -1)
  return Math.max(-1, ...used) + 1
}

/** A connection into `to`, with the input number only where the block takes one. */
function connectionTo(graph: Graph, from: string, to: string, input?: number): Connection {
  if (!isMerge(graph, to)) return { from, to }
  return { from, to, input: input ?? nextMergeInput(graph, to) }
}

function connect(graph: Graph, { from, to, input }: Connection): Graph {
  return { ...graph, connections: [...graph.connections, connectionTo(graph, from, to, input)] }
}

function disconnect(graph: Graph, connection: Connection): Graph {
  // A file may hold the same connection twice; one edit removes one.
  const at = graph.connections.findIndex((candidate) => sameConnection(candidate, connection))
  if (at < 0) return graph
  return renumberMerges({ ...graph, connections: graph.connections.toSpliced(at, 1) }, [connection.to])
}

function setParams(graph: Graph, blockId: string, changes: Block['params']): Graph {
  const blocks = graph.blocks.map((block) => {
    if (block.id !== blockId) return block
    const params = Object.fromEntries(
      Object.entries({ ...block.params, ...changes }).filter(([, value]) => value !== undefined),
    )
    return { ...block, params }
  })
  return { ...graph, blocks }
}

function midpoint(graph: Graph, on: Connection): Block['position'] {
  const from = graph.blocks.find(({ id }) => id === on.from)?.position
  const to = graph.blocks.find(({ id }) => id === on.to)?.position
  return from && to ? [Math.round((from[0] + to[0]) / 2), Math.round((from[1] + to[1]) / 2)] : undefined
}

function insertBlock(graph: Graph, block: Block, on: Connection): Graph {
  const position = block.position ?? midpoint(graph, on)
  const placed = position === undefined ? block : { ...block, position }
  const withBlock = { ...graph, blocks: [...graph.blocks, placed] }
  const at = graph.connections.findIndex((candidate) => sameConnection(candidate, on))
  if (at < 0) return withBlock
  const connections = graph.connections.toSpliced(at, 1, connectionTo(withBlock, on.from, block.id), {
    ...on,
    from: block.id,
  })
  return { ...withBlock, connections }
}

function removeBlock(graph: Graph, blockId: string, reconnect: boolean): Graph {
  const source = graph.connections
    .filter(({ to }) => to === blockId)
    .sort((a, b) => (a.input ?? 0) - (b.input ?? 0))[0]?.from
  const targets = graph.connections.filter(({ from }) => from === blockId)
  const connections = graph.connections.flatMap((connection) => {
    if (connection.to === blockId) return []
    if (connection.from !== blockId) return [connection]
    return reconnect && source !== undefined && source !== blockId ? [{ ...connection, from: source }] : []
  })
  const groups = graph.groups
    .map((group) =>
      group.blocks.includes(blockId)
        ? { ...group, blocks: group.blocks.filter((id) => id !== blockId) }
        : group,
    )
    .filter((group) => group.blocks.length > 0)
  const blocks = graph.blocks.filter(({ id }) => id !== blockId)
  const removed = { ...graph, blocks, connections, groups }
  return renumberMerges(
    removed,
    targets.map(({ to }) => to),
  )
}

function applyEdit(graph: Graph, edit: GraphEdit): Graph {
  switch (edit.kind) {
    case 'setParams':
      return setParams(graph, edit.blockId, edit.params)
    case 'insertBlock':
      return insertBlock(graph, edit.block, edit.on)
    case 'addBlock':
      return { ...graph, blocks: [...graph.blocks, edit.block] }
    case 'removeBlock':
      return removeBlock(graph, edit.blockId, edit.reconnect)
    case 'connect':
      return connect(graph, edit.connection)
    case 'disconnect':
      return disconnect(graph, edit.connection)
  }
}

/**
 * Applies edits one after the other.
 * - `setParams` merges; a value of undefined removes the setting.
 * - `insertBlock` puts a block into a connection, halfway between its ends unless it has a position.
 * - `removeBlock` with `reconnect` joins its (first) source to everything that followed it.
 * - Input numbers of merges stay contiguous; a connection to a merge without one takes the next.
 * - Edits of something that is not there change nothing.
 */
export function applyEdits(graph: Graph, edits: readonly GraphEdit[]): Graph {
  return edits.reduce(applyEdit, graph)
}
