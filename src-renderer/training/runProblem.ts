import { InterlockError } from '#shared/issues/errors'
import type { RunState } from '#shared/training/runState'
import { t } from '../i18n'

/** Why a run failed, or why the next one of its series could not start; null where all is well. */
export function runProblem({ phase, series }: RunState): string | null {
  if (phase.kind === 'failed') return InterlockError.fromData(phase.error).message
  if (!series?.broken) return null
  const problem = InterlockError.fromData(series.broken).message
  return t('repeat.broken', { index: series.index, count: series.count, problem })
}
