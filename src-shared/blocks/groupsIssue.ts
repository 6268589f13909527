import type { IssueProposal, RepairProposal } from './defineBlock'

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}

/** Groups of a convolution must divide both the channels that arrive and the filters. */
export function groupsIssue(
  blockId: string,
  channels: number,
  filters: number,
  groups: number,
): IssueProposal[] {
  if (channels % groups === 0 && filters % groups === 0) return []
  const common = greatestCommonDivisor(channels, filters)
  let closest = Math.min(groups, common)
  while (common % closest !== 0) closest -= 1
  const set = (label: string, params: Record<string, number>): RepairProposal => ({
    label,
    edits: [{ kind: 'setParams', blockId, params }],
  })
  const repairs: RepairProposal[] = []
  if (channels % groups === 0) {
    const multiple = Math.ceil(filters / groups) * groups
    repairs.push(set(`Use ${multiple} filters`, { filters: multiple }))
  }
  repairs.push(set(`Use ${closest} ${closest === 1 ? 'group' : 'groups'}`, { groups: closest }))
  if (closest > 1) repairs.push(set('Use 1 group', { groups: 1 }))
  return [{ code: 'GROUPS_DO_NOT_DIVIDE', details: { groups, channels, filters }, repairs }]
}
