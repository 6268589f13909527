/** Where the arrow keys lead: along connections to the right and left, to the nearest block above and below. */
import type { Block, Graph } from '#shared/graph/types'

export type Direction = 'next' | 'previous' | 'above' | 'below'

const place = (block: Block) => block.position ?? [0, 0]

export function neighbour(graph: Graph, blockId: string, direction: Direction): string | null {
  const byId = new Map(graph.blocks.map((block) => [block.id, block]))
  const own = byId.get(blockId)
  if (!own) return null
  const [x, y] = place(own)
  const distance = (block: Block) => Math.hypot(place(block)[0] - x, place(block)[1] - y)

  let candidates: Block[]
  if (direction === 'next' || direction === 'previous') {
    const ids = graph.connections
      .filter((connection) => (direction === 'next' ? connection.from : connection.to) === blockId)
      .map((connection) => (direction === 'next' ? connection.to : connection.from))
    candidates = ids.flatMap((id) => byId.get(id) ?? [])
  } else {
    const sign = direction === 'above' ? -1 : 1
    candidates = graph.blocks.filter((block) => (place(block)[1] - y) * sign > 8)
  }
  return candidates.sort((a, b) => distance(a) - distance(b))[0]?.id ?? null
}
