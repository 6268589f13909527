/** Short notation for test networks: `chain(['input', …], ['conv2d', …])`, ids by letter or given as `id:type`. */
import type { Block, BlockParams, Connection, Graph } from '#shared/graph/types'

export type Entry = string | readonly [string, BlockParams]

/** `type`, or `id:type` to choose the id; without one the type is the id. */
export function block(entry: Entry): Block {
  const [name, params = {}] = typeof entry === 'string' ? [entry] : entry
  const [first = '', second] = name.split(':')
  return { id: first, type: second ?? first, params }
}

export function graph(
  entries: readonly Entry[],
  connections: readonly (readonly [string, string, number?])[],
): Graph {
  return {
    blocks: entries.map(block),
    connections: connections.map(([from, to, input]): Connection =>
      input === undefined ? { from, to } : { from, to, input },
    ),
    groups: [],
    notes: [],
  }
}

/** Blocks one after the other. */
export function chain(...entries: Entry[]): Graph {
  const blocks = entries.map(block)
  return {
    blocks,
    connections: blocks.slice(1).map((to, i) => ({ from: blocks[i]?.id ?? '', to: to.id })),
    groups: [],
    notes: [],
  }
}

export function input(height: number, width = height, channels = 1): Entry {
  return ['input', { height, width, channels }]
}
