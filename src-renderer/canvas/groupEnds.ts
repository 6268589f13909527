/** Where a connection to or from a collapsed group ends: the one block in it that is meant, or why none is. Pure. */
import type { Graph } from '#shared/graph/types'
import { t } from '../i18n'
import { definitionOf } from '../project/blockText'
import { groupNode } from './nodeIds'

export type End = { block: string; reason: null } | { block: null; reason: string }

/** The only one of the first list that is not empty; `null` where that has several. */
function only(...lists: readonly (readonly string[])[]): {
  block: string | null
  several: readonly string[]
} {
  const found = lists.find((list) => list.length > 0) ?? []
  return { block: found.length === 1 ? found[0]! : null, several: found }
}

/**
 * The block that `node` stands for at the end of a connection. Of a group: the one whose input or output is free, else the one that
 * is joined to the outside already.
 */
export function endOf({ blocks, connections, groups }: Graph, node: string, side: 'entry' | 'exit'): End {
  const group = groups.find(({ id }) => groupNode(id) === node)
  if (!group) return { block: node, reason: null }
  const inside = new Set(group.blocks)
  const types = new Map(blocks.map(({ id, type }) => [id, definitionOf(type)]))
  const [own, other] = side === 'entry' ? (['to', 'from'] as const) : (['from', 'to'] as const)
  const usable = group.blocks.filter((id) =>
    side === 'entry' ? types.get(id)?.inputs !== 'none' : (types.get(id)?.hasOutput ?? true),
  )
  const free = usable.filter((id) => !connections.some((connection) => connection[own] === id))
  const outward = usable.filter((id) =>
    connections.some((connection) => connection[own] === id && !inside.has(connection[other])),
  )
  const merges = side === 'entry' ? usable.filter((id) => types.get(id)?.inputs === 'many') : []
  const { block, several } = only(free, outward, merges)
  if (block !== null) return { block, reason: null }
  const names = { blocks: several.join(', ') }
  if (side === 'entry')
    return { block, reason: several.length ? t('canvas.ends.entries', names) : t('canvas.ends.noEntry') }
  return { block, reason: several.length ? t('canvas.ends.exits', names) : t('canvas.ends.noExit') }
}
