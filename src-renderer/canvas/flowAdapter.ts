/**
 * The one place that knows both our graph and Vue Flow. Vue Flow gets nodes that carry ids only; what people do on the canvas
 * comes back as edits of the graph. Connections are not given to it: `ConnectionLayer` draws them.
 *
 * Nodes are made whole here, with their size and ports: Vue Flow would measure each of them in the document, and take in a
 * changed list by walking through all of it for each entry.
 */
import { Position as Side, type GraphNode, type HandleElement } from '@vue-flow/core'
import { markRaw } from 'vue'
import { blockHeight, blockWidth, inputPort, outputPort, portRadius, type Position } from './blockSize'

export const flowId = 'network'

export type NodeKind = 'block' | 'group' | 'note'

/** Port of a block's input or output on the canvas. */
export const outputHandle = 'out'
export const inputHandle = (input: number): string => `in-${input}`
/** By this attribute Vue Flow finds the element of a port. */
export const handleElementId = (nodeId: string, handle: string, type: 'source' | 'target'): string =>
  `${flowId}-${nodeId}-${handle}-${type}`

function port(nodeId: string, id: string, type: 'source' | 'target', [x, y]: Position): HandleElement {
  const size = portRadius * 2
  const left = type === 'source' ? x - size : x
  const position = type === 'source' ? Side.Right : Side.Left
  return { id, nodeId, type, position, x: left, y: y - portRadius, width: size, height: size }
}

export function portsOf(nodeId: string, inputs: number, hasOutput: boolean): GraphNode['handleBounds'] {
  return {
    source: hasOutput ? [port(nodeId, outputHandle, 'source', outputPort)] : [],
    target: Array.from({ length: inputs }, (_, input) =>
      port(nodeId, inputHandle(input), 'target', inputPort(input, inputs)),
    ),
  }
}

export interface NodeSize {
  width: number
  height: number
}

export function makeNode(
  id: string,
  type: NodeKind,
  [x, y]: Position,
  size: NodeSize = { width: blockWidth, height: blockHeight },
): GraphNode {
  return {
    id,
    type,
    position: { x, y },
    computedPosition: markRaw({ x, y, z: 0 }),
    dimensions: markRaw({ ...size }),
    handleBounds: markRaw({ source: [], target: [] }),
    data: {},
    events: markRaw({}),
    isParent: false,
    selected: false,
    resizing: false,
    dragging: false,
    initialized: true,
  } as unknown as GraphNode
}
