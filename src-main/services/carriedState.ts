import { join } from 'node:path'
import type { TrainerState } from '#shared/engine/protocol'
import { InterlockError } from '#shared/issues/errors'
import type { ProjectFile } from '#shared/project/schema'
import { carryOver } from '#shared/training/carryOver'
import type { CarriedFrom } from '#shared/training/runState'
import { readCheckpoint } from '../storage/checkpointFile'
import { checkpointFileName } from '../storage/runFolder'
import type { EngineClient } from './engineClient'

/** A state to start a new run from, and where its weights come from. */
export interface CarriedState {
  state: TrainerState
  carriedFrom: CarriedFrom
}

/**
 * The start of a run that takes over every weight of an earlier one whose block, name and shape are still there; the others are
 * fresh. It begins at epoch 1 with moments of zero: an optimiser's moments belong to all steps made with the very same
 * weights, and its correction of the first steps is right for a fresh start only. Throws WEIGHTS_NOT_FOUND.
 */
export async function carriedState(
  engine: EngineClient,
  project: ProjectFile,
  folder: string,
): Promise<CarriedState> {
  const refuse = (problem: string) => new InterlockError('WEIGHTS_NOT_FOUND', { folder, problem })
  const earlier = await readCheckpoint(join(folder, checkpointFileName), folder).catch((thrown: unknown) => {
    const known = thrown instanceof InterlockError && thrown.code === 'RUN_NOT_RESUMABLE'
    throw known ? refuse(String(thrown.details['problem'])) : thrown
  })
  const tensors = new Map(earlier.state.weights.map((tensor) => [tensor.name, tensor]))
  const fresh = await engine.initialise(project.graph, project.training.seed)
  const { weights } = carryOver(
    new Map(earlier.state.weights.map(({ name, shape }) => [name, shape])),
    new Map(fresh.map(({ name, shape }) => [name, shape])),
  )
  const names = (fits: boolean) => weights.filter(({ carried }) => carried === fits).map(({ name }) => name)
  const carried = new Set(names(true))
  if (carried.size === 0) throw refuse('none of its weights has the shape that this network needs')
  const state = {
    epoch: 0,
    step: 0,
    weights: fresh.map((tensor) => (carried.has(tensor.name) ? tensors.get(tensor.name)! : tensor)),
    moments: [],
    best: null,
  }
  const { runId } = earlier
  return {
    state,
    carriedFrom: { runId, name: earlier.project.name, carried: [...carried], fresh: names(false) },
  }
}
