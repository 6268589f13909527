/** Groups and comments: visual parts of the graph. Pure; graphs in, graphs out. */
import type { Graph, Group, Note } from '#shared/graph/types'

function freeId(stem: string, taken: readonly { id: string }[]): string {
  const ids = new Set(taken.map(({ id }) => id))
  let number = 1
  while (ids.has(`${stem}_${number}`)) number++
  return `${stem}_${number}`
}

/** Puts blocks together; they leave the groups they were in, of which empty ones go. */
export function groupBlocks(
  graph: Graph,
  blocks: readonly string[],
  name: string,
): { graph: Graph; groupId: string } {
  const chosen = new Set(blocks)
  const others = graph.groups
    .map((group) => ({ ...group, blocks: group.blocks.filter((id) => !chosen.has(id)) }))
    .filter((group) => group.blocks.length > 0)
  const id = freeId('group', others)
  const ordered = graph.blocks.filter((block) => chosen.has(block.id)).map((block) => block.id)
  return {
    graph: { ...graph, groups: [...others, { id, name, blocks: ordered, collapsed: true }] },
    groupId: id,
  }
}

export function changeGroup(graph: Graph, id: string, change: Partial<Omit<Group, 'id'>>): Graph {
  return {
    ...graph,
    groups: graph.groups.map((group) => (group.id === id ? { ...group, ...change } : group)),
  }
}

export function ungroup(graph: Graph, ids: readonly string[]): Graph {
  return { ...graph, groups: graph.groups.filter((group) => !ids.includes(group.id)) }
}

export function addNote(
  graph: Graph,
  position: readonly [number, number],
  text = '',
): { graph: Graph; noteId: string } {
  const id = freeId('note', graph.notes)
  const note: Note = { id, text, position: [Math.round(position[0]), Math.round(position[1])] }
  return { graph: { ...graph, notes: [...graph.notes, note] }, noteId: id }
}

export function setNoteText(graph: Graph, id: string, text: string): Graph {
  return { ...graph, notes: graph.notes.map((note) => (note.id === id ? { ...note, text } : note)) }
}

export function removeNotes(graph: Graph, ids: readonly string[]): Graph {
  return { ...graph, notes: graph.notes.filter((note) => !ids.includes(note.id)) }
}
