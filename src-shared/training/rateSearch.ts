/**
 * The learning-rate range test: the rate rises from step to step, and the loss shows where it still helps and where it does harm
 * (L. N. Smith, Cyclical Learning Rates for Training Neural Networks, 2017). Numbers and formulas are those of fastai 2
 * (`LRFinder`, `AvgSmoothLoss`, `Learner.lr_find` with `steep`).
 */

/** 100 steps from 10⁻⁷ to 10. */
export const searchedRates = { from: 1e-7, to: 10, steps: 100 } as const

/** The rate of a step, counted from 0: from · (to / from)^(step / steps). */
export function searchedRate(step: number): number {
  const { from, to, steps } = searchedRates
  return from * (to / from) ** (step / steps)
}

const beta = 0.98
/** The search ends where the loss is this many times its minimum. */
const runsAwayAt = 4
/** Steps left out before the steepest fall is looked for: a tenth of all at the start, and the last ones. */
const skippedEnd = 5

/** What was tried so far: arrays of equal length, one value a step. */
export interface RateCurve {
  learningRates: readonly number[]
  losses: readonly number[]
}

export interface RateSearch extends RateCurve {
  smoothed: readonly number[]
  /** Null where the loss fell nowhere for sure. */
  suggestion: number | null
  /** The loss ran away before the largest rate. */
  ranAway: boolean
}

/** Exponential means, corrected for their start: mᵢ = β mᵢ₋₁ + (1 − β) lossᵢ; mᵢ / (1 − βⁱ), i from 1. */
export function smoothLosses(losses: readonly number[]): number[] {
  let mean = 0
  return losses.map((loss, i) => {
    mean = beta * mean + (1 - beta) * loss
    return mean / (1 - beta ** (i + 1))
  })
}

/**
 * How many steps are worth showing once the loss has run away: up to where it is four times its minimum, or before it is no number
 * any more. Null while it has not.
 */
export function stepsUntilAway(losses: readonly number[]): number | null {
  let least = Infinity
  for (const [i, loss] of smoothLosses(losses).entries()) {
    if (!Number.isFinite(loss)) return i
    least = Math.min(least, loss)
    if (loss > runsAwayAt * least) return i + 1
  }
  return null
}

/** Measured losses that a fall must show in, and how sure: its slope by so many standard errors below zero. */
const fallOver = 20
const sureness = 3

/** Whether the last losses, `fallOver` of them up to step `last`, fall beyond what chance batches do: least squares over the steps. */
function fallsSurely(losses: readonly number[], last: number): boolean {
  const first = last - fallOver + 1
  if (first < 0) return false
  const window = losses.slice(first, last + 1)
  const middle = (fallOver - 1) / 2
  const mean = window.reduce((sum, loss) => sum + loss, 0) / fallOver
  const spread = window.reduce((sum, _, x) => sum + (x - middle) ** 2, 0)
  const slope = window.reduce((sum, loss, x) => sum + (x - middle) * (loss - mean), 0) / spread
  const rest = window.reduce((sum, loss, x) => sum + (loss - mean - slope * (x - middle)) ** 2, 0)
  return slope < -sureness * Math.sqrt(rest / (fallOver - 2) / spread)
}

/**
 * Where the smoothed loss falls steepest over the logarithm of the rate. Unlike in fastai, only where the measured losses fall surely:
 * the first smoothed values rest on few batches, and their chance falls are often the steepest. Null where there is no such place.
 */
export function steepestFall({ learningRates, losses }: RateCurve): number | null {
  const smoothed = smoothLosses(losses)
  const first = Math.floor(searchedRates.steps / 10)
  const last = smoothed.length - skippedEnd - 1
  let steepest = 0
  let found: number | null = null
  for (let i = first; i < last; i++) {
    const slope =
      (smoothed[i + 1]! - smoothed[i]!) / (Math.log(learningRates[i + 1]!) - Math.log(learningRates[i]!))
    if (slope >= steepest || !fallsSurely(losses, i + 1)) continue
    steepest = slope
    found = learningRates[i]!
  }
  return found
}

/** What a search has found. */
export function concludeSearch({ learningRates, losses }: RateCurve): RateSearch {
  const away = stepsUntilAway(losses)
  const kept = away ?? losses.length
  const tried = { learningRates: learningRates.slice(0, kept), losses: losses.slice(0, kept) }
  const smoothed = smoothLosses(tried.losses)
  return {
    ...tried,
    smoothed,
    suggestion: steepestFall(tried),
    ranAway: away !== null,
  }
}
