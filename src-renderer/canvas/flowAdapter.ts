/**
 * The one place that knows both our graph and Vue Flow. Vue Flow gets copies; what people do on the canvas comes back as
 * edits of the graph. Nodes and edges carry ids only, so that a new fit report does not rebuild them.
 */
import type { Edge, Node } from '@vue-flow/core'
import type { Block, Connection, Graph } from '#shared/graph/types'
import { connectionKey } from '../stores/fitStore'

export const flowId = 'network'

export interface EdgeData {
  connection: Connection
}

export function toNode(block: Block): Node {
  const [x, y] = block.position ?? [0, 0]
  return { id: block.id, type: 'block', position: { x, y }, data: {} }
}

/** Handle of a block's input on the canvas. */
export function inputHandle(input: number): string {
  return `in-${input}`
}

export function toEdge(connection: Connection): Edge<EdgeData> {
  return {
    id: connectionKey(connection),
    type: 'connection',
    source: connection.from,
    target: connection.to,
    sourceHandle: 'out',
    targetHandle: inputHandle(connection.input ?? 0),
    data: { connection },
  }
}

/** How many connections arrive at a block. */
export function arriving(graph: Graph, blockId: string): Connection[] {
  return graph.connections
    .filter((connection) => connection.to === blockId)
    .sort((a, b) => (a.input ?? 0) - (b.input ?? 0))
}
