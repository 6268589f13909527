/** How much runs with different seeds differ by chance, and whether a difference is more than that. */
import type { EpochMetrics } from '../engine/protocol'
import type { RunState } from './runState'

export interface Spread {
  count: number
  mean: number
  /** Sample standard deviation, with n − 1; 0 for a single value. */
  deviation: number
  min: number
  max: number
}

/** Of at least one value. */
export function spreadOf(values: readonly number[]): Spread {
  const count = values.length
  const mean = values.reduce((sum, value) => sum + value, 0) / count
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  const deviation = count > 1 ? Math.sqrt(squares / (count - 1)) : 0
  return { count, mean, deviation, min: Math.min(...values), max: Math.max(...values) }
}

export interface EpochSpread extends Spread {
  epoch: number
}

/** Of each epoch, over the runs that have finished it. */
export function spreadByEpoch(
  states: readonly RunState[],
  value: (metrics: EpochMetrics) => number,
): EpochSpread[] {
  const byEpoch = new Map<number, number[]>()
  for (const metrics of states.flatMap(({ epochs }) => epochs)) {
    const found = value(metrics)
    if (!Number.isFinite(found)) continue
    const values = byEpoch.get(metrics.epoch) ?? []
    byEpoch.set(metrics.epoch, [...values, found])
  }
  return [...byEpoch]
    .map(([epoch, values]) => ({ epoch, ...spreadOf(values) }))
    .sort((a, b) => a.epoch - b.epoch)
}

/** Best validation accuracies, of the runs that have finished an epoch. */
export function bestAccuracies(states: readonly RunState[]): number[] {
  return states.flatMap(({ best }) => (best ? [best.valAccuracy] : []))
}

export interface Welch {
  t: number
  /** Degrees of freedom, by the Welch–Satterthwaite equation. */
  freedom: number
  /** Two-sided: how often chance alone would make a difference at least as large. */
  p: number
}

/**
 * Welch's t-test of two means whose deviations may differ; each side needs two values or more.
 * B. L. Welch, “The generalization of ‘Student's’ problem when several different population variances are involved”,
 * Biometrika 34 (1947): t = (m₁ − m₂) / √(s₁²/n₁ + s₂²/n₂), with degrees of freedom
 * (s₁²/n₁ + s₂²/n₂)² / ((s₁²/n₁)²/(n₁ − 1) + (s₂²/n₂)²/(n₂ − 1)).
 */
export function welchTest(a: readonly number[], b: readonly number[]): Welch {
  const [first, second] = [spreadOf(a), spreadOf(b)]
  const [u, v] = [first.deviation ** 2 / first.count, second.deviation ** 2 / second.count]
  const difference = first.mean - second.mean
  const freedom = (u + v) ** 2 / (u ** 2 / (first.count - 1) + v ** 2 / (second.count - 1))
  // Without any noise every difference is more than noise, and none is none.
  if (u + v === 0) {
    const t = difference === 0 ? 0 : Math.sign(difference) * Infinity
    return { t, freedom: first.count + second.count - 2, p: difference === 0 ? 1 : 0 }
  }
  const t = difference / Math.sqrt(u + v)
  return { t, freedom, p: twoSided(t, freedom) }
}

/**
 * P(|T| ≥ |t|) of Student's distribution with ν degrees of freedom. With t = √ν · tan θ its density becomes cos^(ν−1) θ up to a
 * factor (Abramowitz and Stegun, 26.7.3 f.), so that the share beyond t is a quotient of two plain integrals.
 */
function twoSided(t: number, freedom: number): number {
  const density = (angle: number) => Math.cos(angle) ** (freedom - 1)
  const angle = Math.atan(Math.abs(t) / Math.sqrt(freedom))
  const beyond = simpson(density, angle, Math.PI / 2)
  return beyond / (simpson(density, 0, angle) + beyond)
}

/** Simpson's rule with 2,000 pieces. */
function simpson(f: (x: number) => number, from: number, to: number): number {
  const pieces = 2000
  const step = (to - from) / pieces
  let sum = f(from) + Math.max(0, f(to))
  for (let i = 1; i < pieces; i++) sum += f(from + i * step) * (i % 2 === 0 ? 2 : 4)
  return (sum * step) / 3
}
