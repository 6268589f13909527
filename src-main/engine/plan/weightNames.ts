import type { Plan } from '#shared/engine/plan'
import { normalisationNames } from './compileNetwork'

/** Names of all weights of a plan, trained and not trained, in the plan's order. */
export function weightNames(plan: Plan): string[] {
  const normalisation: readonly string[] = Object.values(normalisationNames)
  return plan.tensors
    .filter(
      ({ arena, name }) => (arena === 'parameters' || arena === 'state') && !normalisation.includes(name),
    )
    .map(({ name }) => name)
}
