/**
 * The one place that knows both our graph and Vue Flow. Vue Flow gets copies; what people do on the canvas comes back as
 * edits of the graph. Nodes and edges carry ids only, so that a new fit report does not rebuild them.
 */
import type { Edge, Node } from '@vue-flow/core'
import type { Block, Connection } from '#shared/graph/types'
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

/** The nodes before, if nothing that Vue Flow knows of has changed: it takes in a new list as a whole. */
export function sameNodes(before: readonly Node[] | undefined, after: Node[]): Node[] {
  const same =
    before?.length === after.length &&
    before.every((node, i) => {
      const other = after[i]!
      return (
        node.id === other.id && node.position.x === other.position.x && node.position.y === other.position.y
      )
    })
  return same ? (before as Node[]) : after
}
