import type { Plan } from '#shared/engine/plan'
import { lossNames } from './compileNetwork'
import { normalisationNames } from './normalisation'

/** Names of all weights of a plan, trained and not trained, in the plan's order. */
export function weightNames(plan: Plan): string[] {
  const settings: readonly string[] = [...Object.values(normalisationNames), lossNames.classWeights]
  return plan.tensors
    .filter(({ arena, name }) => (arena === 'parameters' || arena === 'state') && !settings.includes(name))
    .map(({ name }) => name)
}
