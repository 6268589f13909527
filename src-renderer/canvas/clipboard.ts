/** Blocks as JSON text on the clipboard, so that they can be pasted into another window, a mail or a file. */
import { z } from 'zod'
import { graphSchema, projectFormat } from '#shared/project/schema'
import type { Graph } from '#shared/graph/types'
import { uniqueBlockId } from '#shared/graph/uniqueBlockId'
import type { Position } from './blockSize'
import { addNote, groupBlocks } from './groups'

/** A part of a graph: blocks, the connections among them, the groups they fill, and comments. */
export type Fragment = Graph

const fragmentSchema = graphSchema.extend({ format: z.literal('interlock-blocks'), version: z.literal(1) })
const projectSchema = z.object({ format: z.literal(projectFormat), graph: graphSchema })

const pasteOffset = 24

export function fragmentOf(
  graph: Graph,
  blockIds: readonly string[],
  noteIds: readonly string[] = [],
): Fragment {
  const chosen = new Set(blockIds)
  return {
    blocks: graph.blocks.filter((block) => chosen.has(block.id)),
    connections: graph.connections.filter(({ from, to }) => chosen.has(from) && chosen.has(to)),
    groups: graph.groups.filter((group) => group.blocks.every((id) => chosen.has(id))),
    notes: graph.notes.filter((note) => noteIds.includes(note.id)),
  }
}

export function fragmentText(fragment: Fragment): string {
  return JSON.stringify({ format: 'interlock-blocks', version: 1, ...fragment }, null, 2)
}

/** Copied blocks, or the network of a whole project file; null when the text is neither. */
export function readFragment(text: string): Fragment | null {
  try {
    const raw: unknown = JSON.parse(text)
    const project = projectSchema.safeParse(raw)
    return project.success ? project.data.graph : fragmentSchema.parse(raw)
  } catch {
    return null
  }
}

/** Adds an independent copy under new ids: its upper left corner at `corner`, else a little to the side. */
export function addFragment(
  graph: Graph,
  fragment: Fragment,
  corner: Position | null = null,
): { graph: Graph; ids: string[]; noteIds: string[] } {
  let grown = graph
  const newIds = new Map<string, string>()
  const taken = new Set([...graph.blocks, ...graph.notes].map(({ position }) => String(position)))
  const parts = [...fragment.blocks, ...fragment.notes]
  const edge = (axis: 0 | 1) => Math.min(...parts.map(({ position = [0, 0] }) => position[axis]))
  const shift = corner
    ? ([Math.round(corner[0] - edge(0)), Math.round(corner[1] - edge(1))] as const)
    : ([0, 0] as const)
  let offset = corner ? 0 : pasteOffset
  const at = ({ position = [0, 0] }: { position?: Position | undefined }) =>
    [position[0] + shift[0] + offset, position[1] + shift[1] + offset] as const
  while (parts.some((part) => taken.has(String(at(part))))) offset += pasteOffset
  for (const block of fragment.blocks) {
    const id = uniqueBlockId(block.type, grown.blocks)
    newIds.set(block.id, id)
    grown = { ...grown, blocks: [...grown.blocks, { ...block, id, position: at(block) }] }
  }
  const renamed = (id: string) => newIds.get(id) ?? id
  const connections = fragment.connections.map((connection) => ({
    ...connection,
    from: renamed(connection.from),
    to: renamed(connection.to),
  }))
  grown = { ...grown, connections: [...grown.connections, ...connections] }
  for (const { name, blocks, collapsed } of fragment.groups) {
    const grouped = groupBlocks(grown, blocks.map(renamed), name)
    const groups = grouped.graph.groups.map((group) =>
      group.id === grouped.groupId ? { ...group, collapsed } : group,
    )
    grown = { ...grouped.graph, groups }
  }
  const noteIds: string[] = []
  for (const note of fragment.notes) {
    const added = addNote(grown, at(note), note.text)
    grown = added.graph
    noteIds.push(added.noteId)
  }
  return { graph: grown, ids: [...newIds.values()], noteIds }
}
