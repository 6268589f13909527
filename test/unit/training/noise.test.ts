/** Spread over seeds, and Welch's test against printed values. */
import { describe, expect, test } from 'vitest'
import { spreadByEpoch, spreadOf, welchTest } from '#shared/training/noise'
import { newProject } from '#shared/project/newProject'
import { createRun, type RunState } from '#shared/training/runState'

test('mean and sample standard deviation', () => {
  const { mean, deviation, min, max, count } = spreadOf([2, 4, 4, 4, 5, 5, 7, 9])
  expect([mean, min, max, count]).toEqual([5, 2, 9, 8])
  expect(deviation).toBeCloseTo(Math.sqrt(32 / 7), 12)
  expect(spreadOf([3]).deviation).toBe(0)
})

test('by epoch, over the runs that have it', () => {
  const run = (losses: number[]): RunState => ({
    ...createRun({ type: 'created', runId: 'r', project: newProject(), startedAt: '' }),
    epochs: losses.map((loss, i) => ({
      epoch: i + 1, loss, accuracy: 0, valLoss: 0, valAccuracy: 0, imagesPerSecond: 0, seconds: 0,
    })),
  }) // prettier-ignore
  const found = spreadByEpoch([run([3, 2, 1]), run([5, NaN])], ({ loss }) => loss)
  expect(found.map(({ epoch, mean, min, max, count }) => [epoch, mean, min, max, count])).toEqual([
    [1, 4, 3, 5, 2],
    [2, 2, 2, 2, 1],
    [3, 1, 1, 1, 1],
  ])
})

describe("Welch's test", () => {
  /** Two pairs of values a side with equal deviations: t and the degrees of freedom are what is asked for. */
  function pWhere(t: number, count: number): number {
    const side = Array.from({ length: count }, (_, i) => (i % 2 === 0 ? 1 : -1))
    const error = Math.sqrt((2 * spreadOf(side).deviation ** 2) / count)
    const welch = welchTest(side.map((value) => value + t * error), side) // prettier-ignore
    expect(welch.t).toBeCloseTo(t, 9)
    expect(welch.freedom).toBeCloseTo(2 * (count - 1), 9)
    return welch.p
  }
  // Two-sided critical values of Student's t, as every table prints them.
  test.each([
    [4.303, 2, 0.05],
    [9.925, 2, 0.01],
    [2.447, 4, 0.05],
    [2.228, 6, 0.05],
    [3.169, 6, 0.01],
    [2.101, 10, 0.05],
    [2.878, 10, 0.01],
  ])('t = %d with %d a side', (t, count, p) => {
    expect(pWhere(t, count)).toBeCloseTo(p, 4)
  })

  test('unequal deviations: fewer degrees of freedom than values', () => {
    const { t, freedom, p } = welchTest([1, 2, 3, 4, 5], [10, 30, 50, 70, 90])
    // By hand: variances 2.5 and 1000, of five values each.
    expect(t).toBeCloseTo(-47 / Math.sqrt(200.5), 12)
    expect(freedom).toBeCloseTo(200.5 ** 2 / (0.5 ** 2 / 4 + 200 ** 2 / 4), 12)
    // Between the table's values for 4 degrees of freedom: 2.776 at 0.05, 3.747 at 0.02.
    expect(p).toBeGreaterThan(0.02)
    expect(p).toBeLessThan(0.05)
  })

  test('no difference, and no noise at all', () => {
    expect(welchTest([1, 2, 3], [3, 2, 1]).p).toBeCloseTo(1, 9)
    expect(welchTest([1, 1], [1, 1]).p).toBe(1)
    expect(welchTest([2, 2], [1, 1]).p).toBe(0)
  })
})
