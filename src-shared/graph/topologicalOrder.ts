/**
 * Orders blocks so that each comes after everything it takes data from.
 *
 * Depth-first from the output backwards, inputs in their order. So the order of blocks that reach the output depends on
 * the network only, not on the order of entries in the file.
 */
import { indexGraph, type GraphIndex } from './graphIndex'
import type { Connection, Graph } from './types'

export interface TopologicalOrder {
  /** Every block once. With cycles, the connections that close them are ignored. */
  order: readonly string[]
  /** One per connection that closes a circle: the ids along it, in the direction of the data. */
  cycles: readonly { path: readonly string[]; closing: Connection }[]
}

export function topologicalOrder(graph: Graph): TopologicalOrder {
  return orderBlocks(indexGraph(graph))
}

export function orderBlocks(index: GraphIndex): TopologicalOrder {
  const order: string[] = []
  const cycles: { path: string[]; closing: Connection }[] = []
  const state = new Map<string, 'open' | 'done'>()
  const path: { id: string; next: number }[] = []
  const all = [...index.blocks.values()]
  const roots = [
    ...all.filter((block) => block.type === 'output'),
    ...all.filter((block) => index.outgoing(block.id).length === 0 && block.type !== 'output'),
    ...all,
  ]
  for (const root of roots) {
    if (state.has(root.id)) continue
    path.push({ id: root.id, next: 0 })
    state.set(root.id, 'open')
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const connection = index.incoming(top.id)[top.next]
      if (connection === undefined) {
        state.set(top.id, 'done')
        order.push(top.id)
        path.pop()
        continue
      }
      top.next += 1
      const source = connection.from
      if (state.get(source) === 'open') {
        const start = path.findIndex((step) => step.id === source)
        // The path runs against the data, so it is turned round.
        const ids = path
          .slice(start)
          .map((step) => step.id)
          .reverse()
        cycles.push({ path: ids, closing: connection })
      } else if (!state.has(source)) {
        state.set(source, 'open')
        path.push({ id: source, next: 0 })
      }
    }
  }
  return { order, cycles }
}
