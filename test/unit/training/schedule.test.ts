import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { batchSizeOf, largestBatchSize } from '#shared/training/batchSizes'
import { earlyStop, watchEpochs, type StoppingState } from '#shared/training/earlyStopping'
import { rateAt, ratePlan, watchPlateau, type PlateauState } from '#shared/training/schedule'
import { trainingSchema, type ScheduleSettings, type WarmupSettings } from '#shared/training/settings'

interface Case {
  epochs: number
  learningRate: number
  schedule: ScheduleSettings
  warmup: WarmupSettings | null
  stepsPerEpoch: number
  losses?: number[]
  rates: number[]
}

const file = join(import.meta.dirname, '../../fixtures/pytorch/schedules.json')
const cases = JSON.parse(readFileSync(file, 'utf8')) as Case[]

function settings({ epochs, learningRate, schedule, warmup }: Omit<Case, 'stepsPerEpoch' | 'rates'>) {
  const optimizer = { type: 'sgd', learningRate } as const
  return trainingSchema.parse({ epochs, optimizer, schedule, warmup })
}

function expectRates(found: readonly number[], expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length)
  // The last value of a cosine to 0 is one of rounding only.
  found.forEach((rate, step) => {
    const off = Math.abs(rate - expected[step]!)
    expect(off, `step ${step}: ${rate} for ${expected[step]}`).toBeLessThan(1e-9 * expected[step]! + 1e-15)
  })
}

describe('rates of PyTorch', () => {
  test.each(cases.filter(({ losses }) => !losses))(
    '$schedule.type, warm-up $warmup.length $warmup.unit',
    ({ stepsPerEpoch, rates, ...about }) => {
      const plan = ratePlan(settings(about), stepsPerEpoch)
      const steps = Array.from({ length: about.epochs * stepsPerEpoch }, (_, step) => step)
      const place = (step: number) =>
        Math.floor(step / stepsPerEpoch) + (step % stepsPerEpoch) / stepsPerEpoch
      expectRates(
        steps.map((step) => rateAt(plan, place(step))),
        rates,
      )
    },
  )

  test.each(cases.filter(({ losses }) => losses))(
    '$schedule',
    ({ stepsPerEpoch, rates, losses, ...about }) => {
      const plan = ratePlan(settings(about), stepsPerEpoch)
      const { schedule } = about
      if (schedule.type !== 'plateau') throw new Error('not a case of a plateau')
      let state: PlateauState | null = null
      const found = losses!.map((loss, epoch) => {
        const rate = rateAt(plan, epoch, state?.scale)
        state = watchPlateau(state, schedule, about.learningRate, loss)
        return rate
      })
      expectRates(found, rates)
      const falls = found.filter((rate, i) => i > 0 && rate < found[i - 1]!)
      expect(falls.length > 0).toBe(about.learningRate > 1e-8)
    },
  )
})

test('a cosine stays at its minimum beyond the end, and a warm-up as long as the run never leaves its line', () => {
  const cosine = { type: 'cosine', minLearningRate: 1e-3 } as const
  const of = (warmup: WarmupSettings | null) =>
    ratePlan(settings({ epochs: 4, learningRate: 0.1, schedule: cosine, warmup }), 10)
  expect(rateAt(of(null), 7)).toBeCloseTo(1e-3, 12)
  const long = of({ length: 4, unit: 'epochs', startFactor: 0.5 })
  expect(rateAt(long, 2)).toBeCloseTo(0.075, 12)
  expect(Number.isFinite(rateAt(long, 3.999))).toBe(true)
})

describe('early stopping', () => {
  const metrics = (epoch: number, valLoss: number, valAccuracy = 0.5) => ({
    ...{ epoch, valLoss, valAccuracy, loss: 0, accuracy: 0, imagesPerSecond: 0, seconds: 0 },
  })
  function end(values: readonly number[], change: object) {
    const settings = { monitor: 'valLoss', patience: 2, minDelta: 0, ...change } as const
    let state: StoppingState | null = null
    for (const [i, value] of values.entries()) {
      state = watchEpochs(state, settings, metrics(i + 1, value, value))
      const stop = earlyStop(state, settings, i + 1)
      if (stop) return [stop.epoch, stop.bestEpoch, stop.best]
    }
    return null
  }

  test('after so many epochs in a row that were no better', () => {
    expect(end([3, 2, 2.5, 1.5, 1.6, 1.7, 0], {})).toEqual([6, 4, 1.5])
    expect(end([3, 2, 2.5, 1.5, 1.6], {})).toBeNull()
    expect(end([1, 1], { patience: 1 })).toEqual([2, 1, 1])
  })
  test('a gain up to minDelta is none', () => {
    expect(end([3, 2.9, 2.8, 2.7], { minDelta: 0.5 })).toEqual([3, 1, 3])
    expect(end([3, 2.4, 1.8, 1.2], { minDelta: 0.5 })).toBeNull()
  })
  test('accuracy is to rise', () => {
    expect(end([0.5, 0.6, 0.7], { monitor: 'valAccuracy' })).toBeNull()
    expect(end([0.5, 0.6, 0.6, 0.4], { monitor: 'valAccuracy' })).toEqual([4, 2, 0.6])
  })
})

test('batch sizes by epoch: the latest start counts, whatever the order', () => {
  const sizes = {
    batchSize: 16,
    batchSizes: [
      { fromEpoch: 9, batchSize: 128 },
      { fromEpoch: 4, batchSize: 32 },
    ],
  }
  expect([1, 3, 4, 8, 9, 100].map((epoch) => batchSizeOf(sizes, epoch))).toEqual([16, 16, 32, 32, 128, 128])
  expect(largestBatchSize(sizes)).toBe(128)
})
