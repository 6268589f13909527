/**
 * The learning rate over a run, as pure functions of a place in it. Formulas and names are those of torch.optim.lr_scheduler, whose
 * schedulers would be stepped after every batch; test/fixtures/pytorch/makeSchedules.py compares them.
 *
 * A place is a number of epochs with a fraction: after k of an epoch's n steps it is the epochs done + k/n. The warm-up comes
 * first, and the schedule counts from its end (SequentialLR):
 *
 * - warm-up (LinearLR): rate · (startFactor + (1 − startFactor) · t / length)
 * - constant: rate
 * - step (StepLR): rate · gamma^⌊t / stepSize⌋
 * - multiStep (MultiStepLR): rate · gamma^(milestones ≤ t)
 * - cosine (CosineAnnealingLR): min + ½ (rate − min) (1 + cos(π t / T)), T being all epochs after the warm-up
 * - plateau (ReduceLROnPlateau): see {@link watchPlateau}
 */
import type { ScheduleSettings, TrainingSettings } from './settings'

/** Fractions such as 7/3 − 1/3 must not fall short of the whole number they stand for. */
const rounding = 1e-9

/** What the rate of a run depends on; `warmup.length` in epochs. */
export interface RatePlan {
  readonly rate: number
  readonly epochs: number
  readonly schedule: ScheduleSettings
  readonly warmup: { readonly length: number; readonly startFactor: number } | null
}

/** `stepsPerEpoch`: of the first epoch, for a warm-up told in steps. */
export function ratePlan(
  { optimizer, epochs, schedule, warmup }: TrainingSettings,
  stepsPerEpoch: number,
): RatePlan {
  const length = warmup === null ? 0 : warmup.length / (warmup.unit === 'steps' ? stepsPerEpoch : 1)
  return {
    rate: optimizer.learningRate,
    epochs,
    schedule,
    warmup: warmup && { length, startFactor: warmup.startFactor },
  }
}

/** The learning rate at a place of the run. `scale`: what {@link watchPlateau} has made of the rate so far. */
export function rateAt({ rate, epochs, schedule, warmup }: RatePlan, place: number, scale = 1): number {
  const length = warmup?.length ?? 0
  if (warmup !== null && place < length - rounding) {
    return rate * scale * (warmup.startFactor + ((1 - warmup.startFactor) * place) / length)
  }
  const t = place - length + rounding
  switch (schedule.type) {
    case 'constant':
      return rate
    case 'step':
      return rate * schedule.gamma ** Math.floor(t / schedule.stepSize)
    case 'multiStep':
      return rate * schedule.gamma ** schedule.milestones.filter((epoch) => epoch <= t).length
    case 'cosine': {
      const share = Math.min(1, (place - length) / (epochs - length))
      const { minLearningRate } = schedule
      return minLearningRate + ((rate - minLearningRate) * (1 + Math.cos(Math.PI * share))) / 2
    }
    case 'plateau':
      return rate * scale
  }
}

/** What a schedule that watches the validation loss knows of the epochs before. */
export interface PlateauState {
  /** The lowest loss so far. */
  best: number
  /** Epochs in a row that were no better. */
  badEpochs: number
  /** Epochs left in which bad ones do not count. */
  cooldown: number
  /** The rate as a share of the optimiser's. */
  scale: number
}

/** Smaller reductions are none (`eps`). */
const leastReduction = 1e-8

/**
 * After an epoch (ReduceLROnPlateau, mode min, threshold_mode rel): an epoch is better where its loss is below best · (1 − threshold);
 * after more than `patience` others in a row the rate becomes max(rate · factor, minLearningRate). Null before the first epoch.
 */
export function watchPlateau(
  state: PlateauState | null,
  schedule: Extract<ScheduleSettings, { type: 'plateau' }>,
  rate: number,
  valLoss: number,
): PlateauState {
  let { best, badEpochs, cooldown, scale } = state ?? { best: Infinity, badEpochs: 0, cooldown: 0, scale: 1 }
  if (valLoss < best * (1 - schedule.threshold)) {
    best = valLoss
    badEpochs = 0
  } else badEpochs++
  if (cooldown > 0) {
    cooldown--
    badEpochs = 0
  }
  if (badEpochs > schedule.patience) {
    const reduced = Math.max(rate * scale * schedule.factor, schedule.minLearningRate)
    if (rate * scale - reduced > leastReduction) scale = reduced / rate
    cooldown = schedule.cooldown
    badEpochs = 0
  }
  return { best, badEpochs, cooldown, scale }
}
