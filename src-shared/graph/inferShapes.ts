/** The fit check: shapes, parameters, multiply-adds and receptive fields of every block, and everything that does not fit. */
import { fitIssueMessage, fitIssueTexts } from '../issues/fitIssues'
import { checkGraph, isError, type CheckedGraph, type RawIssue } from './checkGraph'
import type { BlockFit, DataRequirements, FitIssue, FitReport } from './fit'
import type { Graph } from './types'

function finishIssue(issue: RawIssue): FitIssue {
  return {
    code: issue.code,
    severity: fitIssueTexts[issue.code].severity,
    blockId: issue.blockId,
    connection: issue.connection,
    message: fitIssueMessage(issue.code, issue.details),
    repairs: [],
  }
}

/** Blocks that training would use: those on a path, or while there is none everything that is not loose. */
export function usedIds({ index, topology, fromInput, toOutput, connected }: CheckedGraph): string[] {
  return topology.order.filter((id) => {
    if (!index.blocks.has(id)) return false
    return connected ? toOutput.has(id) : fromInput.has(id) || toOutput.has(id)
  })
}

function total(fits: readonly BlockFit[], key: 'params' | 'trainable' | 'macs'): number | null {
  let sum = 0
  for (const fit of fits) {
    const value = fit[key]
    if (value === null) return null
    sum += value
  }
  return sum
}

/**
 * Checks a graph. `requirements` is what is known of the data: classes and bands once it is chosen, the batch size.
 * Never throws: whatever is wrong with the graph becomes an issue.
 */
export function inferShapes(graph: Graph, requirements: Partial<DataRequirements> = {}): FitReport {
  const checked = checkGraph(graph, requirements)
  const { index, topology, fits } = checked
  const ids = topology.cycles.length === 0 ? topology.order : [...index.blocks.keys()]
  const used = usedIds(checked)
  const usedFits = used.flatMap((id) => fits.get(id) ?? [])
  const fitting = !checked.issues.some(isError)
  return {
    fits: fitting,
    totals: {
      params: total(usedFits, 'params'),
      trainable: total(usedFits, 'trainable'),
      macs: total(usedFits, 'macs'),
    },
    blocks: ids.flatMap((id) => fits.get(id) ?? []),
    issues: checked.issues.map((issue) => finishIssue(issue)),
    order: fitting ? used : [],
  }
}
