/** What stands in each column of a comparison. */
import type { RunSummary } from '../rpc/services'
import type { Compared } from './compareRuns'

/**
 * The chosen runs, the first that was started first; a run of a series stands for its whole series, whose unfinished runs are
 * left out where others are finished: their best epoch is yet to come. Names are numbered, since runs of one network share theirs.
 */
export function compareColumns(runs: readonly RunSummary[], chosen: readonly string[]): Compared[] {
  const groups = new Map<string, RunSummary[]>()
  for (const run of runs.toReversed()) {
    const id = run.state.series?.id ?? run.runId
    groups.set(id, [...(groups.get(id) ?? []), run])
  }
  return [...groups]
    .filter(([, group]) => group.some(({ runId }) => chosen.includes(runId)))
    .map(([id, group], i) => {
      const completed = group.filter(({ state }) => state.phase.kind === 'completed')
      const states = (completed.length > 0 ? completed : group).map(({ state }) => state)
      const seeds = states.length > 1 ? ` × ${states.length}` : ''
      return { id, name: `${i + 1} ${group[0]!.name}${seeds}`, states }
    })
}
