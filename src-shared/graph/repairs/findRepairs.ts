/** Repairs of an issue, each tried on a copy of the graph: only those that remove the issue and break nothing else are offered. */
import type { RepairProposal } from '../../blocks/defineBlock'
import { applyEdits } from '../applyEdits'
import { checkGraph, isError, totalOf, type CheckedGraph, type RawIssue } from '../checkGraph'
import type { Repair } from '../fit'
import { proposeRepairs } from './proposeRepairs'

const most = 5

function sameIssue(a: RawIssue, b: RawIssue): boolean {
  return a.code === b.code && a.blockId === b.blockId
}

function count(checked: CheckedGraph, issue: RawIssue): number {
  return checked.issues.filter((other) => sameIssue(other, issue)).length
}

/**
 * An error that the repair itself made: at a block that was all right and whose output was known. What only comes to light
 * behind the mended block, where nothing was known before, is no reason against the repair.
 */
function breaks(before: CheckedGraph, after: CheckedGraph): boolean {
  return after.issues.some((issue) => {
    if (!isError(issue) || before.issues.some((old) => sameIssue(old, issue))) return false
    const fit = issue.blockId === null ? undefined : before.fits.get(issue.blockId)
    return fit === undefined || fit.output !== null
  })
}

interface Tried {
  repair: Repair
  issues: number
}

function tryRepair(before: CheckedGraph, issue: RawIssue, { label, edits }: RepairProposal): Tried | null {
  const after = checkGraph(applyEdits(before.index.graph, edits), before.requirements)
  if (count(after, issue) >= count(before, issue) || breaks(before, after)) return null
  const added = edits.flatMap((edit) =>
    edit.kind === 'insertBlock' || edit.kind === 'addBlock' ? [edit.block.id] : [],
  )
  const shown = added.at(-1) ?? issue.blockId
  const paramsBefore = totalOf(before, 'params')
  const paramsAfter = totalOf(after, 'params')
  const fit = shown === null ? undefined : after.fits.get(shown)
  const mended = shown === null ? undefined : before.fits.get(shown)
  return {
    repair: {
      label,
      edits,
      result: fit?.output ?? null,
      before: mended === undefined ? (fit?.inputs[0] ?? null) : mended.output,
      paramChange: paramsBefore === null || paramsAfter === null ? null : paramsAfter - paramsBefore,
      paramsAfter,
      errorsAfter: after.issues.filter(isError).length,
    },
    issues: after.issues.length,
  }
}

/** The best repairs first: those that leave the fewest errors, then the fewest issues, then in the order proposed. */
export function findRepairs(checked: CheckedGraph, issue: RawIssue): readonly Repair[] {
  const proposals = new Map(
    proposeRepairs(checked, issue).map((proposal) => [JSON.stringify(proposal.edits), proposal]),
  )
  return [...proposals.values()]
    .flatMap((proposal) => tryRepair(checked, issue, proposal) ?? [])
    .sort((a, b) => a.repair.errorsAfter - b.repair.errorsAfter || a.issues - b.issues)
    .slice(0, most)
    .map(({ repair }) => repair)
}
