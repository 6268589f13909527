/** Moving a block along its chain, or into another connection. Pure; null where it cannot be done. */
import { applyEdits, sameConnection } from '#shared/graph/applyEdits'
import type { Block, Connection, Graph } from '#shared/graph/types'
import { definitionOf } from '../project/blockText'

/** Blocks with one input and an output can stand anywhere in a chain. */
export function movable(block: Block | undefined): block is Block {
  const definition = definitionOf(block?.type ?? '')
  return definition?.inputs === 'one' && definition.hasOutput
}

const blockOf = (graph: Graph, id: string) => graph.blocks.find((block) => block.id === id)

/** Takes a block out of its chain, which closes, and puts it into `on`. It keeps its place and its group. */
export function moveOnto(graph: Graph, blockId: string, on: Connection): Graph | null {
  const block = blockOf(graph, blockId)
  if (!movable(block) || on.from === blockId || on.to === blockId) return null
  if (!graph.connections.some((connection) => sameConnection(connection, on))) return null
  const moved = applyEdits(graph, [
    { kind: 'removeBlock', blockId, reconnect: true },
    { kind: 'insertBlock', block, on },
  ])
  // In the order and the groups it had.
  return { ...moved, blocks: graph.blocks, groups: graph.groups }
}

/** The connection between a block and the one it would change places with. */
function between(graph: Graph, blockId: string, way: 'earlier' | 'later'): Connection | null {
  const end = way === 'earlier' ? 'to' : 'from'
  const touching = graph.connections.filter((connection) => connection[end] === blockId)
  return touching.length === 1 ? touching[0]! : null
}

/** Changes places with the block before (`earlier`) or after it, in the chain and on the canvas. */
export function moveInChain(graph: Graph, blockId: string, way: 'earlier' | 'later'): Graph | null {
  const link = between(graph, blockId, way)
  const [first, second] = [blockOf(graph, link?.from ?? ''), blockOf(graph, link?.to ?? '')]
  if (!movable(first) || !movable(second)) return null
  const before = graph.connections.filter((connection) => connection.to === first.id)
  const onlyWay = graph.connections.filter((connection) => connection.from === first.id).length === 1
  if (before.length !== 1 || !onlyWay) return null
  const swapped = moveOnto(graph, second.id, before[0]!)
  if (!swapped) return null
  const places = new Map([
    [first.id, second.position],
    [second.id, first.position],
  ])
  const blocks = swapped.blocks.map((block) =>
    places.has(block.id) ? { ...block, position: places.get(block.id) } : block,
  )
  return { ...swapped, blocks }
}
