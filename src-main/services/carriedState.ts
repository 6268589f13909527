import { join } from 'node:path'
import type { TrainerState } from '#shared/engine/protocol'
import { InterlockError } from '#shared/issues/errors'
import type { ProjectFile } from '#shared/project/schema'
import { carryOver } from '#shared/training/carryOver'
import type { CarriedFrom } from '#shared/training/runState'
import type { NamedTensor } from '#shared/engine/tensors'
import { readCheckpoint, type Checkpoint } from '../storage/checkpointFile'
import { checkpointFileName, startFileName } from '../storage/runFolder'
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
  const earlier = await readWeights(folder, checkpointFileName, refuse)
  const from = { runId: earlier.runId, name: earlier.project.name }
  const start = await startWith(engine, project, earlier.state.weights, from)
  if (start.carriedFrom.carried.length === 0)
    throw refuse('none of its weights has the shape that this network needs')
  return start
}

/**
 * The start of the run in `folder` once more, for `project` with its own seed: the very weights that run took over, whatever has become
 * of the one they are from. Throws START_NOT_KEPT.
 */
export async function carriedAgain(
  engine: EngineClient,
  project: ProjectFile,
  folder: string,
  { runId, name, carried }: CarriedFrom,
): Promise<CarriedState> {
  const refuse = (problem: string) =>
    new InterlockError('START_NOT_KEPT', { run: project.name, from: name, problem })
  const { state } = await readWeights(folder, startFileName, refuse)
  const taken = new Set(carried)
  return startWith(
    engine,
    project,
    state.weights.filter((tensor) => taken.has(tensor.name)),
    { runId, name },
  )
}

async function readWeights(
  folder: string,
  name: string,
  refuse: (problem: string) => InterlockError,
): Promise<Checkpoint> {
  return readCheckpoint(join(folder, name), folder).catch((thrown: unknown) => {
    const known = thrown instanceof InterlockError && thrown.code === 'RUN_NOT_RESUMABLE'
    throw known ? refuse(String(thrown.details['problem'])) : thrown
  })
}

async function startWith(
  engine: EngineClient,
  project: ProjectFile,
  earlier: readonly NamedTensor[],
  from: Pick<CarriedFrom, 'runId' | 'name'>,
): Promise<CarriedState> {
  const tensors = new Map(earlier.map((tensor) => [tensor.name, tensor]))
  const fresh = await engine.initialise(project.graph, project.training.seed)
  const shapes = (all: readonly NamedTensor[]) => new Map(all.map(({ name, shape }) => [name, shape]))
  const { weights } = carryOver(shapes(earlier), shapes(fresh))
  const names = (fits: boolean) => weights.filter(({ carried }) => carried === fits).map(({ name }) => name)
  const carried = new Set(names(true))
  const state = {
    epoch: 0,
    step: 0,
    weights: fresh.map((tensor) => (carried.has(tensor.name) ? tensors.get(tensor.name)! : tensor)),
    moments: [],
    best: null,
  }
  return { state, carriedFrom: { ...from, carried: [...carried], fresh: names(false) } }
}
