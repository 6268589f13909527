/** Repairs of merges whose inputs differ: padding in the branches, or blocks that bring one input to the size of another. */
import type { RepairProposal } from '../../blocks/defineBlock'
import { shapeText } from '../../layout/shapeText'
import type { Pair, Shape } from '../../ops'
import type { CheckedGraph, RawIssue } from '../checkGraph'
import { paramOf } from '../networkIssues'
import type { Block, Connection, GraphEdit } from '../types'
import { blockBefore, insertChain, makeBlocks, outputOf, proposal, type NewBlock } from './repairTools'

interface Arm {
  connection: Connection
  shape: Shape
}

function armsOf(checked: CheckedGraph, id: string): Arm[] {
  return checked.index.incoming(id).flatMap((connection) => {
    const shape = outputOf(checked, connection.from)
    return shape === null ? [] : [{ connection, shape }]
  })
}

/** Blocks of one arm, from the merge back to where it forks off. */
function branch(checked: CheckedGraph, arm: Arm): Block[] {
  const found: Block[] = []
  let at = checked.index.blocks.get(arm.connection.from)
  while (at !== undefined && checked.index.outgoing(at.id).length === 1 && !found.includes(at)) {
    found.push(at)
    at = blockBefore(checked, at.id)
  }
  return found
}

function samePadding(checked: CheckedGraph, arms: readonly Arm[]): RepairProposal[] {
  const windows = arms
    .flatMap((arm) => branch(checked, arm))
    .filter(
      (block) =>
        (block.type === 'conv2d' || block.type === 'maxPool2d' || block.type === 'avgPool2d') &&
        paramOf(block, 'padding') === 'valid',
    )
  if (windows.length === 0) return []
  const names = windows.map(({ id }) => id).join(', ')
  return [
    proposal(
      `Set padding of ${names} to same`,
      windows.map(({ id }) => ({ kind: 'setParams', blockId: id, params: { padding: 'same' } })),
    ),
  ]
}

/** Inserts, for each arm, the blocks that `mend` asks for; none when some arm cannot be mended or none needs it. */
function mendArms(
  checked: CheckedGraph,
  arms: readonly Arm[],
  mend: (shape: Shape) => { blocks: NewBlock[]; words: string } | null,
): RepairProposal[] {
  const edits: GraphEdit[] = []
  const words: string[] = []
  const made: Block[] = []
  for (const { connection, shape } of arms) {
    const mending = mend(shape)
    if (mending === null) return []
    if (mending.blocks.length === 0) continue
    const blocks = makeBlocks(checked, mending.blocks, made)
    made.push(...blocks)
    edits.push(...insertChain(blocks, connection))
    words.push(`${mending.words} after ${connection.from}`)
  }
  return edits.length === 0 ? [] : [proposal(`Insert ${words.join(' and ')}`, edits)]
}

const nothing = { blocks: [], words: '' }

function pointwise(filters: number, strides: Pair = [1, 1]): { blocks: NewBlock[]; words: string } {
  const plain = strides[0] === strides[1]
  const strided = strides[0] > 1 || strides[1] > 1
  const params = {
    filters,
    kernelSize: 1,
    ...(strided ? { strides: plain ? strides[0] : strides } : {}),
  }
  const stride = strided ? `, stride ${plain ? strides[0] : shapeText(strides)}` : ''
  return {
    blocks: [{ type: 'conv2d', params }],
    words: `a 1×1 convolution (${filters} ${filters === 1 ? 'filter' : 'filters'}${stride})`,
  }
}

function smallest(arms: readonly Arm[]): Pair {
  return [
    Math.min(...arms.map(({ shape }) => shape[0] ?? 0)),
    Math.min(...arms.map(({ shape }) => shape[1] ?? 0)),
  ]
}

/** Zeros around a map until it is `target` large. */
function padTo(shape: Shape, [height, width]: Pair): NewBlock {
  const rows = height - (shape[0] ?? 0)
  const columns = width - (shape[1] ?? 0)
  const [top, left] = [Math.floor(rows / 2), Math.floor(columns / 2)]
  return { type: 'zeroPad2d', params: { padding: [top, rows - top, left, columns - left] } }
}

/** Cuts a map down to `target`, evenly on both sides. */
function cropTo(shape: Shape, [height, width]: Pair): NewBlock {
  const rows = (shape[0] ?? 0) - height
  const columns = (shape[1] ?? 0) - width
  const [top, left] = [Math.floor(rows / 2), Math.floor(columns / 2)]
  return { type: 'crop2d', params: { cropping: [top, rows - top, left, columns - left] } }
}

/** Cuts maps down to the height and width of the smallest; `channels` null leaves channels alone. */
function cropping(checked: CheckedGraph, arms: readonly Arm[], channels: number | null): RepairProposal[] {
  const target = smallest(arms)
  return mendArms(checked, arms, (shape) => {
    const convolution = channels === null || shape[2] === channels ? nothing : pointwise(channels)
    const crops = shape[0] !== target[0] || shape[1] !== target[1]
    const words = [...(crops ? ['cropping'] : []), ...(convolution.words ? [convolution.words] : [])]
    return {
      blocks: [...(crops ? [cropTo(shape, target)] : []), ...convolution.blocks],
      words: words.join(' and '),
    }
  })
}

/** Brings maps to one height and width by zeros around the smaller ones; `channels` null leaves channels alone. */
function padding(checked: CheckedGraph, arms: readonly Arm[], channels: number | null): RepairProposal[] {
  const target: Pair = [
    Math.max(...arms.map(({ shape }) => shape[0] ?? 0)),
    Math.max(...arms.map(({ shape }) => shape[1] ?? 0)),
  ]
  return mendArms(checked, arms, (shape) => {
    const convolution = channels === null || shape[2] === channels ? nothing : pointwise(channels)
    const pads = shape[0] !== target[0] || shape[1] !== target[1]
    const words = [...(pads ? ['zero padding'] : []), ...(convolution.words ? [convolution.words] : [])]
    return {
      blocks: [...(pads ? [padTo(shape, target)] : []), ...convolution.blocks],
      words: words.join(' and '),
    }
  })
}

/** Brings maps to the size of the smallest where it divides the others: pooling, or a strided 1×1 convolution. */
function shrinking(checked: CheckedGraph, arms: readonly Arm[], channels: number | null): RepairProposal[] {
  const target = smallest(arms)
  return mendArms(checked, arms, (shape) => {
    const by: Pair = [(shape[0] ?? 0) / target[0], (shape[1] ?? 0) / target[1]]
    if (!by.every(Number.isInteger)) return null
    const stays = by[0] === 1 && by[1] === 1
    if (channels !== null && shape[2] !== channels) return pointwise(channels, by)
    if (stays) return nothing
    const poolSize = by[0] === by[1] ? by[0] : by
    return {
      blocks: [{ type: 'maxPool2d', params: { poolSize } }],
      words: `${shapeText(by)} max pooling`,
    }
  })
}

/** Turns all inputs into vectors; `units` null joins them as they are, else dense blocks give all that length. */
function vectors(
  checked: CheckedGraph,
  arms: readonly Arm[],
  via: 'flatten' | 'globalAvgPool2d',
  units: number | null,
): RepairProposal[] {
  const words = via === 'flatten' ? 'a flatten block' : 'global average pooling'
  return mendArms(checked, arms, (shape) => {
    const map = shape.length === 3
    const length = !map ? shape[0] : via === 'flatten' ? shape.reduce((a, b) => a * b, 1) : shape[2]
    const dense = units !== null && length !== units
    return {
      blocks: [...(map ? [{ type: via }] : []), ...(dense ? [{ type: 'dense', params: { units } }] : [])],
      words: [...(map ? [words] : []), ...(dense ? [`a dense block of ${units} units`] : [])].join(' and '),
    }
  })
}

function distinct(numbers: readonly number[]): number[] {
  return [...new Set(numbers)].sort((a, b) => b - a)
}

export function mergeSizes(checked: CheckedGraph, { blockId }: RawIssue): RepairProposal[] {
  const block = blockId === null ? undefined : checked.index.blocks.get(blockId)
  if (block === undefined) return []
  const arms = armsOf(checked, block.id)
  const joins = block.type === 'concat'
  const maps = arms.filter(({ shape }) => shape.length === 3)
  if (maps.length < arms.length) {
    const lengths = distinct(arms.flatMap(({ shape }) => (shape.length === 1 ? [shape[0] ?? 0] : [])))
    const targets = joins ? [null] : lengths
    const ways = maps.length > 0 ? (['flatten', 'globalAvgPool2d'] as const) : (['flatten'] as const)
    return ways.flatMap((via) => targets.flatMap((units) => vectors(checked, arms, via, units)))
  }
  const targets = joins ? [null] : distinct(arms.map(({ shape }) => shape[2] ?? 0))
  return [
    ...samePadding(checked, arms),
    ...targets.flatMap((channels) => shrinking(checked, arms, channels)),
    // One target of channels is enough for these: there would be too many to choose from.
    ...targets.slice(0, 1).flatMap((channels) => padding(checked, arms, channels)),
    ...targets.slice(0, 1).flatMap((channels) => cropping(checked, arms, channels)),
  ]
}
