/** Repairs of what the data asks for: classes, bands, colour, batch size. */
import type { RepairProposal } from '../../blocks/defineBlock'
import { type CheckedGraph, type RawIssue } from '../checkGraph'
import { blocksOfType } from '../graphIndex'
import { insert, remove, setParams, sizeMakerBefore } from './repairTools'

export function classCount(checked: CheckedGraph, { blockId, connection }: RawIssue): RepairProposal[] {
  const { classes } = checked.requirements
  if (classes === undefined || blockId === null || connection === null) return []
  const repairs: RepairProposal[] = []
  const maker = sizeMakerBefore(checked, blockId)
  if (maker?.type === 'dense') {
    repairs.push(setParams(`Set ${maker.id} to ${classes} units`, maker.id, { units: classes }))
  }
  if (maker?.type === 'globalAvgPool2d') {
    const conv = sizeMakerBefore(checked, maker.id)
    if (conv?.type === 'conv2d') {
      repairs.push(setParams(`Set ${conv.id} to ${classes} filters`, conv.id, { filters: classes }))
    }
  }
  const dense = { type: 'dense', params: { units: classes } }
  repairs.push(insert(`Insert a dense block of ${classes} units`, checked, [dense], connection))
  return repairs
}

function setChannels(checked: CheckedGraph, channels: number): RepairProposal[] {
  const words = channels === 1 ? '1 band' : `${channels} bands`
  return blocksOfType(checked.index, 'input').map(({ id }) =>
    setParams(`Set the input to ${words}`, id, { channels }),
  )
}

export function bandCount(checked: CheckedGraph): RepairProposal[] {
  const { bands, exactBands = false } = checked.requirements
  if (bands === undefined) return []
  // Up to four bands of a picture are read as colour or grey.
  return setChannels(checked, bands > 4 || exactBands ? bands : bands >= 3 ? 3 : 1)
}

export function useColour(checked: CheckedGraph): RepairProposal[] {
  return setChannels(checked, 3)
}

export function removeBatchNorm(_checked: CheckedGraph, { blockId }: RawIssue): RepairProposal[] {
  return blockId === null ? [] : [remove('Remove this batch normalisation', blockId)]
}
