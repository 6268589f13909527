/** Places of nodes of the canvas written into the graph: a collapsed group takes its blocks along. */
import type { Graph } from '#shared/graph/types'
import { groupNode, noteNode } from './nodeIds'
import type { Position } from './blockSize'

export function withPlaces(
  graph: Graph,
  moved: ReadonlyMap<string, Position>,
  placesBefore: ReadonlyMap<string, Position>,
): Graph {
  if (moved.size === 0) return graph
  const shifts = new Map<string, Position>()
  for (const group of graph.groups) {
    const node = groupNode(group.id)
    const [to, from] = [moved.get(node), placesBefore.get(node)]
    if (to && from) for (const id of group.blocks) shifts.set(id, [to[0] - from[0], to[1] - from[1]])
  }
  const blocks = graph.blocks.map((block) => {
    const place = moved.get(block.id)
    if (place) return { ...block, position: place }
    const shift = shifts.get(block.id)
    const [x, y] = block.position ?? [0, 0]
    return shift ? { ...block, position: [x + shift[0], y + shift[1]] as const } : block
  })
  const notes = graph.notes.map((note) => {
    const place = moved.get(noteNode(note.id))
    return place ? { ...note, position: place } : note
  })
  const notesMoved = notes.some((note, i) => note !== graph.notes[i])
  return { ...graph, blocks, notes: notesMoved ? notes : graph.notes }
}
