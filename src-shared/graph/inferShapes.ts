/** The fit check: shapes, parameters, multiply-adds and receptive fields of every block, and everything that does not fit. */
import { fitIssueMessage, fitIssueTexts } from '../issues/fitIssues'
import { checkGraph, isError, totalOf, type CheckedGraph, type RawIssue } from './checkGraph'
import type { DataRequirements, FitIssue, FitReport, Repair } from './fit'
import { findRepairs } from './repairs/findRepairs'
import type { EvaluateBlock } from './rememberBlocks'
import type { Graph } from './types'

/** Repairs are tried when they are first read: a report has to be there at every keystroke, its repairs only when looked at. */
function finishIssue(checked: CheckedGraph, issue: RawIssue): FitIssue {
  let repairs: readonly Repair[] | undefined
  return {
    code: issue.code,
    severity: fitIssueTexts[issue.code].severity,
    blockId: issue.blockId,
    connection: issue.connection,
    message: fitIssueMessage(issue.code, issue.details),
    get repairs() {
      return (repairs ??= findRepairs(checked, issue))
    },
  }
}

/**
 * Checks a graph. `requirements` is what is known of the data: classes, bands and colour once it is chosen, the batch size.
 * Never throws: whatever is wrong with the graph becomes an issue. `evaluate`: see `rememberBlocks`, for checks that follow
 * each other.
 */
export function inferShapes(
  graph: Graph,
  requirements: Partial<DataRequirements> = {},
  evaluate?: EvaluateBlock,
): FitReport {
  const checked = checkGraph(graph, requirements, evaluate)
  const { index, topology, fits, issues } = checked
  const ids = topology.cycles.length === 0 ? topology.order : [...index.blocks.keys()]
  const fitting = !issues.some(isError)
  return {
    fits: fitting,
    totals: {
      params: totalOf(checked, 'params'),
      trainable: totalOf(checked, 'trainable'),
      macs: totalOf(checked, 'macs'),
    },
    blocks: ids.flatMap((id) => fits.get(id) ?? []),
    issues: issues.map((issue) => finishIssue(checked, issue)),
    order: fitting ? checked.used : [],
  }
}
