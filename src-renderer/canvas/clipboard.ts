/** Blocks as JSON text on the clipboard, so that they can be pasted into another window, a mail or a file. */
import { z } from 'zod'
import { graphSchema } from '#shared/project/schema'
import type { Block, Connection, Graph } from '#shared/graph/types'
import { uniqueBlockId } from '#shared/graph/uniqueBlockId'

export interface Fragment {
  blocks: readonly Block[]
  connections: readonly Connection[]
}

const fragmentSchema = graphSchema.pick({ blocks: true, connections: true }).extend({
  format: z.literal('interlock-blocks'),
  version: z.literal(1),
})

const pasteOffset = 24

/** The blocks and the connections among them. */
export function fragmentOf(graph: Graph, blockIds: readonly string[]): Fragment {
  const chosen = new Set(blockIds)
  return {
    blocks: graph.blocks.filter((block) => chosen.has(block.id)),
    connections: graph.connections.filter(({ from, to }) => chosen.has(from) && chosen.has(to)),
  }
}

export function fragmentText(fragment: Fragment): string {
  return JSON.stringify({ format: 'interlock-blocks', version: 1, ...fragment }, null, 2)
}

/** Null when the text is not copied blocks. */
export function readFragment(text: string): Fragment | null {
  try {
    return fragmentSchema.parse(JSON.parse(text))
  } catch {
    return null
  }
}

/** Adds an independent copy under new ids, a little to the side. */
export function addFragment(graph: Graph, fragment: Fragment): { graph: Graph; ids: string[] } {
  let grown = graph
  const newIds = new Map<string, string>()
  const taken = new Set(graph.blocks.map((block) => String(block.position)))
  let offset = pasteOffset
  const at = (block: Block): readonly [number, number] => {
    const [x, y] = block.position ?? [0, 0]
    return [x + offset, y + offset]
  }
  while (fragment.blocks.some((block) => taken.has(String(at(block))))) offset += pasteOffset
  for (const block of fragment.blocks) {
    const id = uniqueBlockId(block.type, grown.blocks)
    newIds.set(block.id, id)
    grown = { ...grown, blocks: [...grown.blocks, { ...block, id, position: at(block) }] }
  }
  const connections = fragment.connections.map((connection) => ({
    ...connection,
    from: newIds.get(connection.from) ?? connection.from,
    to: newIds.get(connection.to) ?? connection.to,
  }))
  return {
    graph: { ...grown, connections: [...grown.connections, ...connections] },
    ids: [...newIds.values()],
  }
}
