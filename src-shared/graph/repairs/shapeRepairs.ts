/** Repairs of sizes that do not fit by changes around the block: flatten, pool, remove. */
import type { RepairProposal } from '../../blocks/defineBlock'
import { shapeSize } from '../../layout/shapeText'
import type { CheckedGraph, RawIssue } from '../checkGraph'
import { paramOf } from '../networkIssues'
import type { Block } from '../types'
import {
  blocksBefore,
  insert,
  outputOf,
  proposal,
  insertChain,
  makeBlocks,
  remove,
  setParams,
  sizeMakerBefore,
} from './repairTools'

const explosion = 10_000_000
const flatten = { type: 'flatten' } as const
const globalPool = { type: 'globalAvgPool2d' } as const

export function denseNeedsVector(checked: CheckedGraph, { connection }: RawIssue): RepairProposal[] {
  if (connection === null) return []
  return [
    insert('Insert a flatten block', checked, [flatten], connection),
    insert('Insert global average pooling', checked, [globalPool], connection),
  ]
}

export function outputNeedsVector(checked: CheckedGraph, { connection }: RawIssue): RepairProposal[] {
  if (connection === null) return []
  const { classes } = checked.requirements
  const channels = outputOf(checked, connection.from)?.[2]
  const withDense = (block: { type: string }, words: string) => {
    const units = classes ?? 0
    const dense = { type: 'dense', params: { units } }
    return insert(`Insert ${words} and a dense block of ${units} units`, checked, [block, dense], connection)
  }
  const plain = insert('Insert global average pooling', checked, [globalPool], connection)
  if (classes === undefined) return [plain, insert('Insert a flatten block', checked, [flatten], connection)]
  return [
    ...(channels === classes ? [plain] : []),
    withDense(flatten, 'a flatten block'),
    withDense(globalPool, 'global average pooling'),
  ]
}

export function needsMap(checked: CheckedGraph, { blockId }: RawIssue): RepairProposal[] {
  if (blockId === null) return []
  const source = sizeMakerBefore(checked, blockId)
  const turned = source?.type === 'flatten' || source?.type === 'globalAvgPool2d'
  return [
    ...(turned && source !== undefined ? [remove(`Remove ${source.id} before it`, source.id)] : []),
    remove('Remove this block', blockId),
  ]
}

/** Does a block make its map smaller by strides? */
function downsamples({ type }: Block): boolean {
  return type === 'maxPool2d' || type === 'avgPool2d'
}

export function kernelExceeds(checked: CheckedGraph, { blockId, proposals }: RawIssue): RepairProposal[] {
  const block = blockId === null ? undefined : checked.index.blocks.get(blockId)
  if (block === undefined) return [...proposals]
  const pool = blocksBefore(checked, block.id).filter(downsamples).at(-1)
  const before = pool === undefined ? [] : [remove(`Remove the pooling ${pool.id} before it`, pool.id)]
  const own = remove('Remove this block', block.id)
  const [map] = checked.fits.get(block.id)?.inputs ?? []
  // A pool over a single pixel has nothing left to do.
  const spent = downsamples(block) && map?.[0] === 1 && map[1] === 1
  return spent ? [own, ...before, ...proposals] : [...proposals, ...before, own]
}

export function cropExceeds(_checked: CheckedGraph, { blockId, proposals }: RawIssue): RepairProposal[] {
  return blockId === null ? [] : [...proposals, remove('Remove this block', blockId)]
}

export function explodes(checked: CheckedGraph, { blockId }: RawIssue): RepairProposal[] {
  const block = blockId === null ? undefined : checked.index.blocks.get(blockId)
  const inputs = (block && checked.fits.get(block.id)?.inputs) ?? []
  const [input] = inputs
  if (block === undefined || input === undefined) return []
  return block.type === 'dense'
    ? smallerVector(checked, block, shapeSize(input))
    : fewerFilters(checked, block)
}

function fewerFilters(checked: CheckedGraph, block: Block): RepairProposal[] {
  const params = checked.fits.get(block.id)?.params
  const filters = Number(paramOf(block, 'filters'))
  if (!params || !(filters > 1)) return []
  const groups = Number(paramOf(block, 'groups'))
  const most = Math.floor(explosion / (params / filters) / groups) * groups
  return most < 1 ? [] : [setParams(`Use ${most} filters`, block.id, { filters: most })]
}

function smallerVector(checked: CheckedGraph, block: Block, length: number): RepairProposal[] {
  const units = Number(paramOf(block, 'units'))
  const repairs: RepairProposal[] = []
  const source = sizeMakerBefore(checked, block.id)
  const map = source?.type === 'flatten' ? checked.fits.get(source.id)?.inputs[0] : undefined
  const [connection] = source === undefined ? [] : checked.index.incoming(source.id)
  if (source !== undefined && connection !== undefined && map?.length === 3) {
    const [height = 1, width = 1, channels = 1] = map
    const pooled = (by: number) => Math.ceil(height / by) * Math.ceil(width / by) * channels * units + units
    const size = [2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32].find((by) => pooled(by) <= explosion)
    if (size !== undefined) {
      const padding = height % size || width % size ? { padding: 'same' } : {}
      const pool = { type: 'maxPool2d', params: { poolSize: size, ...padding } }
      repairs.push(
        insert(`Insert ${size}×${size} max pooling before ${source.id}`, checked, [pool], connection),
      )
    }
    const [average] = makeBlocks(checked, [globalPool])
    if (average !== undefined) {
      repairs.push(
        proposal(`Use global average pooling instead of ${source.id}`, [
          ...insertChain([average], connection),
          { kind: 'removeBlock', blockId: source.id, reconnect: true },
        ]),
      )
    }
  }
  const most = Math.floor(explosion / (length + 1))
  if (most >= 1 && most < units) repairs.push(setParams(`Use ${most} units`, block.id, { units: most }))
  return repairs
}

/** Strides or pooling early on, so that everything after sees more of the image. */
export function widenField(checked: CheckedGraph, { blockId }: RawIssue): RepairProposal[] {
  if (blockId === null) return []
  const windows = blocksBefore(checked, blockId).filter(({ type }) => type === 'conv2d')
  const pools = windows.slice(0, 3).flatMap((block) => {
    const [connection, ...more] = checked.index.outgoing(block.id)
    const map = outputOf(checked, block.id)
    if (connection === undefined || more.length > 0 || map === null) return []
    return [2, 4].map((poolSize) => {
      const uneven = (map[0] ?? 0) % poolSize !== 0 || (map[1] ?? 0) % poolSize !== 0
      const params = { poolSize, ...(uneven ? { padding: 'same' } : {}) }
      const words = `Insert ${poolSize}×${poolSize} max pooling after ${block.id}`
      return insert(words, checked, [{ type: 'maxPool2d', params }], connection)
    })
  })
  const strided = windows
    .filter((block) => paramOf(block, 'strides') === 1 && paramOf(block, 'kernelSize') !== 1)
    .slice(0, 2)
    .map((block) =>
      setParams(`Set the stride of ${block.id} to 2`, block.id, { strides: 2, padding: 'same' }),
    )
  return [...pools, ...strided]
}

export function removeSoftmax({ index }: CheckedGraph, { blockId }: RawIssue): RepairProposal[] {
  const block = blockId === null ? undefined : index.blocks.get(blockId)
  if (block === undefined) return []
  if (block.type === 'activation') return [remove('Remove this softmax', block.id)]
  return [setParams('Set activation to none', block.id, { activation: 'none' })]
}
