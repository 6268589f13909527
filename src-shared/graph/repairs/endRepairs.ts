/** Repairs of a network without its ends, or with too many, and of connections that are missing, too many or in a circle. */
import type { RepairProposal } from '../../blocks/defineBlock'
import { blockDefinition } from '../../blocks/index'
import { sameShape } from '../../layout/shapeText'
import { type CheckedGraph, type RawIssue } from '../checkGraph'
import type { Block, Connection, GraphEdit } from '../types'
import { blocksOfType, reachableFrom } from '../graphIndex'
import { makeBlocks, outputOf, proposal, remove } from './repairTools'

const most = 3

/** Blocks something comes out of that goes nowhere, the last of the network first. */
function looseEnds({ index, topology, fromInput }: CheckedGraph): Block[] {
  return [...topology.order].reverse().flatMap((id) => {
    const block = index.blocks.get(id)
    const loose =
      block !== undefined &&
      blockDefinition(block.type)?.hasOutput === true &&
      index.outgoing(id).length === 0 &&
      fromInput.has(id)
    return loose ? [block] : []
  })
}

function looseStarts({ index }: CheckedGraph): Block[] {
  return [...index.blocks.values()].filter(
    (block) => blockDefinition(block.type)?.inputs === 'one' && index.incoming(block.id).length === 0,
  )
}

function beside(block: Block | undefined, dx: number): Pick<Block, 'position'> {
  return block?.position === undefined ? {} : { position: [block.position[0] + dx, block.position[1]] }
}

export function addInput(checked: CheckedGraph): RepairProposal[] {
  const [input] = makeBlocks(checked, [
    { type: 'input', params: { height: 28, width: 28, channels: checked.requirements.bands ?? 1 } },
  ])
  const starts = looseStarts(checked)
  const [start] = starts
  if (input === undefined) return []
  const block = { ...input, ...beside(start, -240) }
  const edits: GraphEdit[] = [{ kind: 'addBlock', block }]
  if (start === undefined || starts.length > 1) return [proposal('Add an input block', edits)]
  edits.push({ kind: 'connect', connection: { from: input.id, to: start.id } })
  return [proposal(`Add an input block before ${start.id}`, edits)]
}

export function addOutput(checked: CheckedGraph): RepairProposal[] {
  const [output] = makeBlocks(checked, [{ type: 'output' }])
  const ends = looseEnds(checked)
  const [end] = ends
  if (output === undefined) return []
  const block = { ...output, ...beside(end, 240) }
  const edits: GraphEdit[] = [{ kind: 'addBlock', block }]
  if (end === undefined || ends.length > 1) return [proposal('Add an output block', edits)]
  edits.push({ kind: 'connect', connection: { from: end.id, to: output.id } })
  return [proposal(`Add an output block after ${end.id}`, edits)]
}

/** Keeps one of several inputs or outputs. */
export function keepOne(type: 'input' | 'output') {
  return (checked: CheckedGraph): RepairProposal[] => {
    const blocks = blocksOfType(checked.index, type)
    return blocks.slice(0, most).map((kept) =>
      proposal(
        `Keep ${kept.id} only`,
        blocks
          .filter(({ id }) => id !== kept.id)
          .map(({ id }) => ({ kind: 'removeBlock', blockId: id, reconnect: false })),
      ),
    )
  }
}

function disconnectAll(connections: readonly Connection[]): GraphEdit[] {
  // Last first: taking one away from a merge renumbers those after it.
  return connections.map((connection) => ({ kind: 'disconnect', connection }) as const).reverse()
}

export function tooManyInputs(checked: CheckedGraph, { blockId }: RawIssue): RepairProposal[] {
  if (blockId === null) return []
  const block = checked.index.blocks.get(blockId)
  const connections = checked.index.incoming(blockId)
  if (block === undefined) return []
  if (blockDefinition(block.type)?.inputs === 'none') {
    return [proposal('Remove what is connected to it', disconnectAll(connections))]
  }
  const merges = mergeFirst(checked, blockId, connections)
  const keeps = connections
    .slice(0, most)
    .map((kept) =>
      proposal(
        `Keep only the connection from ${kept.from}`,
        disconnectAll(connections.filter((connection) => connection !== kept)),
      ),
    )
  return [...keeps, ...merges]
}

function mergeFirst(
  checked: CheckedGraph,
  blockId: string,
  connections: readonly Connection[],
): RepairProposal[] {
  const shapes = connections.map(({ from }) => outputOf(checked, from))
  const [first] = shapes
  if (!first || shapes.some((shape) => shape === null)) return []
  const all = shapes.flatMap((shape) => (shape === null ? [] : [shape]))
  const allows = (size: number) => all.every((shape) => sameShape(first.slice(0, size), shape.slice(0, size)))
  const sameRank = all.every((shape) => shape.length === first.length)
  const types = [...(allows(3) ? ['add'] : []), ...(sameRank && allows(first.length - 1) ? ['concat'] : [])]
  return types.flatMap((type) => {
    const [merge] = makeBlocks(checked, [{ type }])
    if (merge === undefined) return []
    const block = { ...merge, ...beside(checked.index.blocks.get(blockId), -120) }
    return proposal(`Join them with ${type} first`, [
      ...disconnectAll(connections),
      { kind: 'addBlock', block },
      ...connections.map(
        ({ from }, input) => ({ kind: 'connect', connection: { from, to: block.id, input } }) as const,
      ),
      { kind: 'connect', connection: { from: block.id, to: blockId } },
    ])
  })
}

export function notConnected(checked: CheckedGraph, { blockId }: RawIssue): RepairProposal[] {
  const block = blockId === null ? undefined : checked.index.blocks.get(blockId)
  if (block === undefined) return []
  const { index } = checked
  const after = reachableFrom([block.id], (id) => index.outgoing(id).map(({ to }) => to))
  const incoming = index.incoming(block.id)
  const repairs: RepairProposal[] = []
  if (incoming.some(({ input }, i) => input !== undefined && input !== i)) {
    const connects = incoming.map(
      ({ from }, input) => ({ kind: 'connect', connection: { from, to: block.id, input } }) as const,
    )
    repairs.push(proposal('Number the inputs anew', [...disconnectAll(incoming), ...connects]))
  }
  const ends = looseEnds(checked).filter(({ id }) => !after.has(id))
  repairs.push(
    ...ends
      .slice(0, most)
      .map(({ id }) =>
        proposal(`Connect ${id} to it`, [{ kind: 'connect', connection: { from: id, to: block.id } }]),
      ),
  )
  if (incoming.length === 1) repairs.push(remove(`Remove ${block.id}`, block.id))
  return repairs
}

export function breakCycle(_checked: CheckedGraph, { connection }: RawIssue): RepairProposal[] {
  if (connection === null) return []
  const label = `Remove the connection from ${connection.from} to ${connection.to}`
  return [proposal(label, [{ kind: 'disconnect', connection }])]
}

export function mendConnection({ index }: CheckedGraph, { connection }: RawIssue): RepairProposal[] {
  if (connection === null) return []
  const { from, to } = connection
  const source = index.blocks.get(from)
  const target = index.blocks.get(to)
  const removal = proposal('Remove this connection', [{ kind: 'disconnect', connection }])
  const usable =
    source !== undefined && target !== undefined && blockDefinition(source.type)?.hasOutput !== false
  if (!usable) return [removal]
  const again = proposal('Give it the next free input', [
    { kind: 'disconnect', connection },
    { kind: 'connect', connection: { from, to } },
  ])
  return [again, removal]
}

export function removeUnused(_checked: CheckedGraph, { blockId }: RawIssue): RepairProposal[] {
  return blockId === null ? [] : [remove('Remove this block', blockId, false)]
}

export function removeUnknown(_checked: CheckedGraph, { blockId }: RawIssue): RepairProposal[] {
  return blockId === null ? [] : [remove('Remove this block', blockId)]
}
