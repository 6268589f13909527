import type { RunPhase } from '#shared/training/runState'
import { t } from '../i18n'

/** How a run ended, or what it is doing. One that was cut off from outside has not failed: it can go on. */
export function phaseText(phase: RunPhase): string {
  const cutOff = phase.kind === 'failed' && ['ENGINE_STOPPED', 'RUN_INTERRUPTED'].includes(phase.error.code)
  return t(cutOff ? 'training.phase.interrupted' : `training.phase.${phase.kind}`)
}
