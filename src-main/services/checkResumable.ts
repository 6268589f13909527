import { blockDefinition } from '#shared/blocks/index'
import { checkParams } from '#shared/blocks/paramValues'
import type { Graph } from '#shared/graph/types'
import { InterlockError } from '#shared/issues/errors'
import type { ProjectFile } from '#shared/project/schema'
import type { Checkpoint } from '../storage/checkpointFile'

/**
 * A checkpoint holds weights and optimiser moments of one network on one set of classes: with another it means nothing.
 * Epochs, batch size, learning rate and seed may differ. Throws RUN_NOT_RESUMABLE.
 */
export function checkResumable(
  checkpoint: Checkpoint,
  project: ProjectFile,
  classes: readonly string[],
  folder: string,
): void {
  const refuse = (problem: string) => new InterlockError('RUN_NOT_RESUMABLE', { folder, problem })
  const { epoch } = checkpoint.state
  if (!same(networkOf(checkpoint.project.graph), networkOf(project.graph))) {
    throw refuse('its checkpoint belongs to another network')
  }
  if (!same(checkpoint.classes, classes)) {
    throw refuse(`its checkpoint was trained on the classes ${checkpoint.classes.join(', ')}`)
  }
  const before = { ...checkpoint.project.training.optimizer, learningRate: 0 }
  if (!same(before, { ...project.training.optimizer, learningRate: 0 })) {
    throw refuse(`its checkpoint was made with another optimiser (${before.type})`)
  }
  if (epoch >= project.training.epochs) {
    throw refuse(`all ${epoch} epochs asked for are done; ask for more with --epochs`)
  }
}

/** What makes a network the same: blocks with all settings and connections, not names, places or the order in the file. */
function networkOf({ blocks, connections }: Graph): unknown {
  const network = blocks.map(({ id, type, params }) => {
    const definition = blockDefinition(type)
    return [id, type, definition === undefined ? params : checkParams(definition, params).values]
  })
  const lines = connections.map(({ from, to, input }) => [from, to, input ?? 0])
  return [network.map(text).sort(), lines.map(text).sort()]
}

function same(a: unknown, b: unknown): boolean {
  return text(a) === text(b)
}

function text(value: unknown): string {
  return JSON.stringify(value)
}
