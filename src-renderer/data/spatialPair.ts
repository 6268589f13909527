import type { ProjectFile } from '#shared/project/schema'
import type { RunSummary } from '#shared/rpc/services'
import type { ComparedSplit } from '#shared/training/splitGap'
import { sameNetwork } from '../training/sameNetwork'

/** The two runs of the newest comparison of splits on the images of a source; null where there is none. `runs`: newest first. */
export function pairOf(
  runs: readonly RunSummary[],
  source: string | null,
): Record<ComparedSplit, RunSummary | undefined> | null {
  const newest = runs.find(({ state }) => state.pair && state.project.data.source === source)
  const id = newest?.state.pair?.id
  if (id === undefined) return null
  const of = (by: ComparedSplit) => runs.find(({ state: { pair } }) => pair?.id === id && pair.by === by)
  return { seed: of('seed'), blocks: of('blocks') }
}

/** Whether a run trained what the project would train now, but for its number of epochs and its split. */
export function sameButSplit(run: ProjectFile, now: ProjectFile): boolean {
  const settings = ({ data, training }: ProjectFile) =>
    JSON.stringify([
      { ...data, splitBy: null, validationSource: null },
      { ...training, epochs: null },
    ])
  return settings(run) === settings(now) && sameNetwork(run.graph, now.graph)
}
