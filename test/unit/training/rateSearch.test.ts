import { describe, expect, test } from 'vitest'
import { createRandom } from '../../conformance/random'
import {
  concludeSearch,
  searchedRate,
  searchedRates,
  smoothLosses,
  steepestFall,
  stepsUntilAway,
} from '#shared/training/rateSearch'

const rates = Array.from({ length: searchedRates.steps }, (_, i) => searchedRate(i))

test('the rate rises by the same factor each step, from 1e-7 to just below 10', () => {
  expect(rates[0]).toBe(1e-7)
  expect(rates[50]).toBeCloseTo(1e-3, 9)
  const factors = rates.slice(1).map((rate, i) => rate / rates[i]!)
  for (const factor of factors) expect(factor).toBeCloseTo(10 ** 0.08, 9)
  expect(searchedRate(searchedRates.steps)).toBeCloseTo(10, 9)
})

test('smoothing is corrected for its start: equal losses stay what they are', () => {
  for (const mean of smoothLosses([2.3, 2.3, 2.3, 2.3])) expect(mean).toBeCloseTo(2.3, 12)
  // By hand: m₂ = 0.98 · 0.02 · 1 + 0.02 · 2, over 1 − 0.98².
  expect(smoothLosses([1, 2])[1]).toBeCloseTo((0.98 * 0.02 + 0.04) / (1 - 0.98 ** 2), 12)
})

describe('the end of a search', () => {
  test('where the smoothed loss is four times its minimum', () => {
    const losses = [1, 1, 1, ...Array<number>(60).fill(20)]
    const away = stepsUntilAway(losses)!
    const smoothed = smoothLosses(losses)
    expect(smoothed[away - 1]).toBeGreaterThan(4)
    expect(smoothed[away - 2]).toBeLessThan(4)
    expect(stepsUntilAway(losses.slice(0, away))).toBe(away)
    expect(stepsUntilAway(losses.slice(0, away - 1))).toBeNull()
  })
  test('before a loss that is no number', () => {
    expect(stepsUntilAway([1, 0.9, NaN, 1])).toBe(2)
    expect(stepsUntilAway([Infinity])).toBe(0)
    expect(concludeSearch({ learningRates: rates.slice(0, 1), losses: [NaN] })).toEqual({
      learningRates: [],
      losses: [],
      smoothed: [],
      suggestion: null,
      ranAway: true,
    })
  })
})

describe('the suggestion', () => {
  const random = createRandom(7)
  const noise = () => (random() + random() + random() - 1.5) * 0.2
  /** Batches of a loss that falls around a rate, as a sigmoid over its logarithm. */
  const falling = (middle: number, size = 1) => ({
    learningRates: rates,
    losses: rates.map((rate) => 2 - size / (1 + (middle / rate) ** 2) + noise()),
  })
  test.each([1e-4, 1e-3, 1e-2, 1e-1])(
    'is where the smoothed loss falls steepest, soon after %f',
    (middle) => {
      const found = steepestFall(falling(middle))!
      // Smoothing comes late: by no more than a factor of ten.
      expect(Math.log10(found / middle)).toBeGreaterThan(-0.3)
      expect(Math.log10(found / middle)).toBeLessThan(1)
    },
  )
  test('is none where the loss stays, rises, or was hardly measured', () => {
    const staying = rates.map(() => 1)
    expect(concludeSearch({ learningRates: rates, losses: staying }).suggestion).toBeNull()
    const rising = rates.map((_, i) => 1 + i / 50 + noise())
    expect(steepestFall({ learningRates: rates, losses: rising })).toBeNull()
    expect(steepestFall({ learningRates: rates.slice(0, 5), losses: [5, 4, 3, 2, 1] })).toBeNull()
  })
  test('is seldom one for noise alone', () => {
    const curves = Array.from({ length: 200 }, () => falling(1e-3, 0))
    const fooled = curves.filter((curve) => steepestFall(curve) !== null)
    expect(fooled.length).toBeLessThan(60)
  })
})
