/** How much memory a plan takes, before anything is allocated. */
import type { Plan } from '#shared/engine/plan'
import { optimizerMoments } from '../ops/optimizer/moments'

/**
 * Bytes of all arenas for a batch padded to `paddedBatch` images (an executor may round the batch up to its lanes), the
 * optimiser's moments included. Images and an executor's own scratch memory come on top.
 */
export function planBytes(plan: Plan, paddedBatch: number): number {
  const { activations, parameters, gradients, state, saved } = plan.arenas
  const moments = plan.optimizer ? optimizerMoments(plan.optimizer).length * parameters : 0
  return 4 * (activations * paddedBatch + parameters + moments + gradients + state + saved)
}
