import type { Graph } from '#shared/graph/types'

/** Ids of what stands on the canvas beside blocks, whose node has their own id. */
export const groupNode = (id: string): string => `group:${id}`
export const noteNode = (id: string): string => `note:${id}`

/** Ids of the blocks that a node stands for: of a group all of its, of a comment none. */
export function blocksOfNode({ blocks, groups }: Graph, node: string): readonly string[] {
  const group = groups.find(({ id }) => groupNode(id) === node)
  if (group) return group.blocks
  return blocks.some(({ id }) => id === node) ? [node] : []
}
