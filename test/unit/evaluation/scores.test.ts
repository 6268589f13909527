/** The measures against scikit-learn's numbers (`makeScores.py`), and against cases worked out by hand. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { calibrate } from '#shared/evaluation/calibration'
import { agreement, confusionMatrix, scoreClasses } from '#shared/evaluation/classScores'
import { classCurves, precisionRecallPoints, rocPoints, thinned } from '#shared/evaluation/curves'
import { confidentMistakes } from '#shared/evaluation/mistakes'
import { predictedClasses, type LabelledPredictions } from '#shared/evaluation/predictions'

interface Scores {
  name: string
  classes: number
  labels: number[]
  thirtySeconds: number[]
  confusion: number[][]
  perClass: Record<'precision' | 'recall' | 'f1' | 'support' | 'auc' | 'averagePrecision', number | null>[]
  accuracy: number
  kappa: number
  macro: Record<string, number>
  weighted: Record<string, number>
  calibration: Record<'10' | '15', [number, number]>
  mistakes: number[]
}
const cases = JSON.parse(readFileSync(join(import.meta.dirname, 'scores.json'), 'utf8')) as Scores[]

const names = (count: number) => Array.from({ length: count }, (_, i) => `class ${i}`)
/** Rows of probabilities with their true class. */
function predictions(
  rows: readonly (readonly [label: number, ...probabilities: number[]])[],
): LabelledPredictions {
  return {
    classes: names((rows[0]?.length ?? 3) - 1),
    labels: Int32Array.from(rows, ([label]) => label),
    probabilities: Float32Array.from(rows.flatMap(([, ...probabilities]) => probabilities)),
  }
}
function measured(given: LabelledPredictions) {
  const confusion = confusionMatrix(given.labels, predictedClasses(given), given.classes.length)
  const scores = scoreClasses(given.classes, confusion)
  return { confusion, scores, ...agreement(scores, confusion) }
}

describe.each(cases)('$name, as scikit-learn works them out', (expected) => {
  const given: LabelledPredictions = {
    classes: names(expected.classes),
    labels: Int32Array.from(expected.labels),
    probabilities: Float32Array.from(expected.thirtySeconds, (n) => n / 32),
  }
  const found = measured(given)

  test('confusion matrix, accuracy and kappa', () => {
    expect(found.confusion).toEqual(expected.confusion)
    expect(found.accuracy).toBeCloseTo(expected.accuracy, 12)
    expect(found.kappa).toBeCloseTo(expected.kappa, 12)
  })

  test('precision, recall, F1, support and their means', () => {
    for (const key of ['precision', 'recall', 'f1'] as const) {
      found.scores.forEach((score, i) =>
        expect(score[key]).toBeCloseTo(expected.perClass[i]?.[key] ?? NaN, 12),
      )
      expect(found.macro[key]).toBeCloseTo(expected.macro[key] ?? NaN, 12)
      expect(found.weighted[key]).toBeCloseTo(expected.weighted[key] ?? NaN, 12)
    }
    expect(found.scores.map(({ support }) => support)).toEqual(
      expected.perClass.map(({ support }) => support),
    )
  })

  test('areas under the ROC curves, average precision', () => {
    expected.perClass.forEach(({ auc, averagePrecision }, i) => {
      const curves = classCurves(given, i)
      if (auc === null) expect(curves.auc).toBeNull()
      else expect(curves.auc).toBeCloseTo(auc, 12)
      if (averagePrecision === null) expect(curves.averagePrecision).toBeNull()
      else expect(curves.averagePrecision).toBeCloseTo(averagePrecision, 12)
    })
  })

  test('calibration errors with 10 and 15 bins', () => {
    for (const bins of [10, 15] as const) {
      const { expectedError, maximumError } = calibrate(given, bins)
      expect([expectedError, maximumError].map((n) => Number(n.toFixed(9)))).toEqual(
        expected.calibration[bins].map((n) => Number(n.toFixed(9))),
      )
    }
  })

  test('mistakes, the most confident first', () => {
    expect(confidentMistakes(given)).toEqual(expected.mistakes)
  })
})

describe('worked out by hand', () => {
  test('four images, ties across the classes', () => {
    // Own images have 0.8 and 0.5, the others 0.5 and 0.2: of the four pairs three are won and one is a tie.
    const given = predictions([
      [0, 0.8, 0.2],
      [0, 0.5, 0.5],
      [1, 0.5, 0.5],
      [1, 0.2, 0.8],
    ])
    const curves = classCurves(given, 0)
    expect(curves.auc).toBe(3.5 / 4)
    expect(rocPoints(curves)).toEqual([
      [0, 0],
      [0, 0.5],
      [0.5, 1],
      [1, 1],
    ])
    // ½ · 1 + ½ · ⅔
    expect(curves.averagePrecision).toBeCloseTo(5 / 6, 12)
    expect(precisionRecallPoints(curves)).toEqual([
      [0, 1],
      [0.5, 1],
      [1, 2 / 3],
      [1, 0.5],
    ])
    // The first of equal classes is predicted.
    expect(measured(given)).toMatchObject({
      accuracy: 0.75,
      kappa: 0.5,
      confusion: [
        [2, 0],
        [1, 1],
      ],
    })
  })

  test('all the same score says nothing', () => {
    const given = predictions([
      [0, 0.5, 0.5],
      [1, 0.5, 0.5],
      [1, 0.5, 0.5],
    ])
    expect(classCurves(given, 1)).toMatchObject({ auc: 0.5, averagePrecision: 2 / 3 })
    expect(rocPoints(classCurves(given, 1))).toEqual([
      [0, 0],
      [1, 1],
    ])
    expect(measured(given).kappa).toBe(0)
  })

  test('one image has no ROC curve, and no kappa where it is right', () => {
    const given = predictions([[0, 0.9, 0.1]])
    expect(classCurves(given, 0)).toMatchObject({ auc: null, averagePrecision: 1 })
    expect(classCurves(given, 1)).toMatchObject({ auc: null, averagePrecision: null })
    expect(rocPoints(classCurves(given, 0))).toEqual([])
    expect(precisionRecallPoints(classCurves(given, 1))).toEqual([])
    expect(measured(given)).toMatchObject({
      accuracy: 1,
      kappa: null,
      // The class that is nowhere does not pull the mean down.
      macro: { precision: 1, recall: 1, f1: 1 },
    })
    expect(calibrate(given).expectedError).toBeCloseTo(0.1, 6)
  })

  test('no image at all', () => {
    const given = { classes: names(2), labels: new Int32Array(0), probabilities: new Float32Array(0) }
    expect(calibrate(given)).toMatchObject({ expectedError: 0, maximumError: 0 })
    expect(confidentMistakes(given)).toEqual([])
    expect(measured(given)).toMatchObject({ accuracy: NaN, kappa: null })
  })

  test('a bin has its upper end, not its lower one', () => {
    const given = predictions([
      [0, 0.5, 0.5],
      [0, 1, 0],
    ])
    const { bins } = calibrate(given, 2)
    expect(bins.map(({ images }) => images)).toEqual([1, 1])
    expect(bins[1]).toEqual({ from: 0.5, to: 1, images: 1, confidence: 1, accuracy: 1 })
  })

  test('agreement worse than chance has a kappa below 0', () => {
    const given = predictions([
      [0, 0.1, 0.9],
      [1, 0.9, 0.1],
    ])
    expect(measured(given)).toMatchObject({ accuracy: 0, kappa: -1 })
  })

  test('a probability that is not a number ends nothing', () => {
    const given = predictions([
      [0, NaN, NaN],
      [1, 0.3, 0.7],
    ])
    expect(classCurves(given, 0).thresholds.length).toBeLessThan(4)
  })

  test('a curve of very many points is drawn with few, its ends stay', () => {
    const points = Array.from({ length: 100_001 }, (_, i) => [i / 100_000, Math.sqrt(i / 100_000)] as const)
    const few = thinned(points)
    expect(few.length).toBeLessThan(801)
    expect([few[0], few.at(-1)]).toEqual([
      [0, 0],
      [1, 1],
    ])
  })
})
