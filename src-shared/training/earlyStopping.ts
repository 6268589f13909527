import type { EpochMetrics } from '../engine/protocol'
import type { EarlyStoppingSettings } from './settings'

/** What early stopping knows of the epochs before. */
export interface StoppingState {
  /** The best value of what is watched. */
  best: number
  bestEpoch: number
  /** Epochs in a row that were no better. */
  badEpochs: number
}

/** Why a run ended before its last epoch: nothing had become better for `patience` epochs. */
export interface EarlyStop extends EarlyStoppingSettings {
  /** The last one that was trained. */
  epoch: number
  best: number
  bestEpoch: number
}

/** Whether `value` is better than `best` by more than `minDelta`. */
export function isBetter(
  monitor: EarlyStoppingSettings['monitor'],
  value: number,
  best: number,
  minDelta = 0,
): boolean {
  return monitor === 'valLoss' ? value + minDelta < best : value - minDelta > best
}

/** After an epoch (Keras's EarlyStopping). Null before the first one. */
export function watchEpochs(
  state: StoppingState | null,
  { monitor, minDelta }: EarlyStoppingSettings,
  metrics: EpochMetrics,
): StoppingState {
  const value = metrics[monitor]
  if (state === null || isBetter(monitor, value, state.best, minDelta))
    return { best: value, bestEpoch: metrics.epoch, badEpochs: 0 }
  return { ...state, badEpochs: state.badEpochs + 1 }
}

/** Why the run should end after `epoch`, or null where it should go on: after `patience` epochs in a row that were no better. */
export function earlyStop(
  state: StoppingState | null,
  settings: EarlyStoppingSettings | null,
  epoch: number,
): EarlyStop | null {
  if (state === null || settings === null || state.badEpochs < settings.patience) return null
  return { ...settings, epoch, best: state.best, bestEpoch: state.bestEpoch }
}
