/**
 * Which moment arenas an optimiser keeps. Each mirrors `parameters` float for float and starts at zero.
 * `moment1` is a running mean (momentum buffer, Adam's exp_avg), `moment2` a running mean square (exp_avg_sq, square_avg).
 */
import type { OptimizerSettings } from '#shared/training/settings'

export type MomentName = 'moment1' | 'moment2'

export function optimizerMoments(settings: OptimizerSettings): readonly MomentName[] {
  switch (settings.type) {
    case 'sgd':
      return settings.momentum > 0 ? ['moment1'] : []
    case 'adam':
    case 'adamw':
      return ['moment1', 'moment2']
    case 'rmsprop':
      return settings.momentum > 0 ? ['moment1', 'moment2'] : ['moment2']
  }
}
