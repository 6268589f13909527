/** Small pieces that repairs are made of: new blocks, edits and walks against the data. */
import type { RepairProposal } from '../../blocks/defineBlock'
import type { Shape } from '../../ops'
import type { CheckedGraph } from '../checkGraph'
import type { Block, BlockParams, Connection, GraphEdit } from '../types'
import { uniqueBlockId } from '../uniqueBlockId'

export interface NewBlock {
  type: string
  params?: BlockParams
}

export function proposal(label: string, edits: readonly GraphEdit[]): RepairProposal {
  return { label, edits }
}

export function setParams(label: string, blockId: string, params: BlockParams): RepairProposal {
  return proposal(label, [{ kind: 'setParams', blockId, params }])
}

export function remove(label: string, blockId: string, reconnect = true): RepairProposal {
  return proposal(label, [{ kind: 'removeBlock', blockId, reconnect }])
}

/** New blocks with ids of their own, none taken by the graph or by `alsoTaken`. */
export function makeBlocks(
  { index }: Pick<CheckedGraph, 'index'>,
  blocks: readonly NewBlock[],
  alsoTaken: readonly Block[] = [],
): Block[] {
  const made: Block[] = []
  for (const { type, params = {} } of blocks) {
    const id = uniqueBlockId(type, [...index.graph.blocks, ...alsoTaken, ...made])
    made.push({ id, type, params })
  }
  return made
}

/** Edits that put a chain of blocks into a connection. */
export function insertChain(blocks: readonly Block[], on: Connection): GraphEdit[] {
  let rest = on
  return blocks.map((block) => {
    const edit: GraphEdit = { kind: 'insertBlock', block, on: rest }
    rest = { ...rest, from: block.id }
    return edit
  })
}

/** Puts new blocks into a connection. */
export function insert(
  label: string,
  checked: Pick<CheckedGraph, 'index'>,
  blocks: readonly NewBlock[],
  on: Connection,
): RepairProposal {
  return proposal(label, insertChain(makeBlocks(checked, blocks), on))
}

export function outputOf({ fits }: CheckedGraph, id: string): Shape | null {
  return fits.get(id)?.output ?? null
}

/** The single block before `id`, or undefined at the start and at merges. */
export function blockBefore({ index }: Pick<CheckedGraph, 'index'>, id: string): Block | undefined {
  const [connection, ...more] = index.incoming(id)
  return connection === undefined || more.length > 0 ? undefined : index.blocks.get(connection.from)
}

/** Blocks that change numbers one by one and leave the size alone. */
export function isElementwise({ type }: Block): boolean {
  return type === 'activation' || type === 'batchNorm' || type === 'dropout'
}

/** The nearest block before `id` that does more than change numbers one by one. */
export function sizeMakerBefore(checked: Pick<CheckedGraph, 'index'>, id: string): Block | undefined {
  let at = blockBefore(checked, id)
  for (
    let steps = checked.index.blocks.size;
    at !== undefined && isElementwise(at) && steps > 0;
    steps -= 1
  ) {
    at = blockBefore(checked, at.id)
  }
  return at
}

/** All blocks that `id` depends on, nearest last, as far as the order of blocks is known. */
export function blocksBefore({ index, topology }: CheckedGraph, id: string): Block[] {
  const reached = new Set<string>([id])
  const found: Block[] = []
  for (const candidate of [...topology.order].reverse()) {
    if (!reached.has(candidate)) continue
    for (const { from } of index.incoming(candidate)) {
      if (reached.has(from)) continue
      reached.add(from)
    }
    const block = index.blocks.get(candidate)
    if (candidate !== id && block !== undefined) found.push(block)
  }
  return found.reverse()
}
