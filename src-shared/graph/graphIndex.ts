/** Look-up tables of a graph: blocks by id, connections by end. Connections that cannot work are set aside with the reason. */
import { blockDefinition } from '../blocks/index'
import type { Block, Connection, Graph } from './types'

export interface GraphIndex {
  graph: Graph
  /** The first block of each id. */
  blocks: ReadonlyMap<string, Block>
  /** Blocks whose id an earlier block already has. */
  duplicates: readonly Block[]
  /** Working connections into a block; those of a merge sorted by `input`. */
  incoming(id: string): readonly Connection[]
  outgoing(id: string): readonly Connection[]
  invalid: readonly { connection: Connection; problem: string }[]
}

const none: readonly Connection[] = []

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}

/** Why a connection cannot work, or null. `taken` are the connections into the same block found so far. */
function connectionProblem(
  connection: Connection,
  blocks: ReadonlyMap<string, Block>,
  taken: readonly Connection[],
): string | null {
  const from = blocks.get(connection.from)
  const to = blocks.get(connection.to)
  if (from === undefined) return `there is no block ${connection.from}`
  if (to === undefined) return `there is no block ${connection.to}`
  if (blockDefinition(from.type)?.hasOutput === false) return `nothing comes out of an ${from.type} block`
  const inputs = blockDefinition(to.type)?.inputs
  if (inputs !== 'many') {
    const odd = inputs === 'one' && connection.input !== undefined && connection.input !== 0
    return odd ? `${to.id} has one input only, so "input" must be left out` : null
  }
  if (connection.input === undefined) {
    return `${to.id} joins several inputs, so the connection needs an "input" number`
  }
  const other = taken.find((candidate) => candidate.input === connection.input)
  return other === undefined ? null : `input ${connection.input} of ${to.id} is taken by ${other.from}`
}

export function indexGraph(graph: Graph): GraphIndex {
  const blocks = new Map<string, Block>()
  const duplicates: Block[] = []
  for (const block of graph.blocks) {
    if (blocks.has(block.id)) duplicates.push(block)
    else blocks.set(block.id, block)
  }
  const incoming = new Map<string, Connection[]>()
  const outgoing = new Map<string, Connection[]>()
  const invalid: { connection: Connection; problem: string }[] = []
  for (const connection of graph.connections) {
    const problem = connectionProblem(connection, blocks, incoming.get(connection.to) ?? none)
    if (problem !== null) {
      invalid.push({ connection, problem })
      continue
    }
    push(incoming, connection.to, connection)
    push(outgoing, connection.from, connection)
  }
  for (const list of incoming.values()) {
    if (list.length > 1) list.sort((a, b) => (a.input ?? 0) - (b.input ?? 0))
  }
  return {
    graph,
    blocks,
    duplicates,
    incoming: (id) => incoming.get(id) ?? none,
    outgoing: (id) => outgoing.get(id) ?? none,
    invalid,
  }
}

/** All ids that can be reached from `starts` along `next`, the starts included. */
export function reachableFrom(
  starts: readonly string[],
  next: (id: string) => readonly string[],
): ReadonlySet<string> {
  const reached = new Set(starts)
  const queue = [...starts]
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    for (const neighbour of next(id)) {
      if (reached.has(neighbour)) continue
      reached.add(neighbour)
      queue.push(neighbour)
    }
  }
  return reached
}

export function blocksOfType(index: GraphIndex, type: string): Block[] {
  return [...index.blocks.values()].filter((block) => block.type === type)
}
