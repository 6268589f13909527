/**
 * How well the probability of one class tells its images from all others (one against the rest), over every threshold.
 * Definitions as in scikit-learn's `roc_curve`, `roc_auc_score`, `precision_recall_curve` and `average_precision_score`;
 * see Fawcett 2006, doi:10.1016/j.patrec.2005.10.010, and Davis & Goadrich 2006, doi:10.1145/1143844.1143874.
 */
import type { LabelledPredictions } from './predictions'

/** One threshold: images with at least this probability are taken for the class. */
export interface Threshold {
  threshold: number
  /** Images of the class that are found. */
  truePositives: number
  /** Other images that are taken for it. */
  falsePositives: number
}

export interface ClassCurves {
  /** Images of the class, and all others. */
  positives: number
  negatives: number
  /** From the highest threshold, where nothing is found, to the lowest; equal probabilities share one. */
  thresholds: readonly Threshold[]
  /** Area under the ROC curve; null where there are only images of the class, or none. */
  auc: number | null
  /** Null where there are no images of the class. */
  averagePrecision: number | null
}

/** The curves of a class, with a point for every different probability. */
export function classCurves(
  { classes, labels, probabilities }: LabelledPredictions,
  index: number,
): ClassCurves {
  const width = classes.length
  const positives = labels.reduce((count, label) => count + (label === index ? 1 : 0), 0)
  const own = new Float32Array(positives)
  const others = new Float32Array(labels.length - positives)
  let [p, n] = [0, 0]
  labels.forEach((label, i) => {
    const probability = probabilities[i * width + index] as number
    if (label === index) own[p++] = probability
    else others[n++] = probability
  })
  const thresholds = sweep(own.sort(), others.sort())
  const negatives = others.length
  return {
    positives,
    negatives,
    thresholds,
    auc: positives === 0 || negatives === 0 ? null : areaUnder(thresholds, positives, negatives),
    averagePrecision: positives === 0 ? null : averagePrecision(thresholds, positives),
  }
}

/** Counts at every threshold, from two ascending lists of probabilities. */
function sweep(own: Float32Array, others: Float32Array): Threshold[] {
  const points: Threshold[] = [{ threshold: Infinity, truePositives: 0, falsePositives: 0 }]
  let [i, j] = [own.length, others.length]
  while (i > 0 || j > 0) {
    const threshold = Math.max(own[i - 1] ?? -Infinity, others[j - 1] ?? -Infinity)
    // Not `>= threshold`: a probability that is not a number must not end in an endless loop.
    if (Number.isNaN(threshold)) break
    while (i > 0 && (own[i - 1] as number) === threshold) i--
    while (j > 0 && (others[j - 1] as number) === threshold) j--
    points.push({ threshold, truePositives: own.length - i, falsePositives: others.length - j })
  }
  return points
}

/** Area by trapezia: the chance that an image of the class has a higher probability than another, ties counting half. */
function areaUnder(points: readonly Threshold[], positives: number, negatives: number): number {
  let area = 0
  for (let k = 1; k < points.length; k++) {
    const [a, b] = [points[k - 1] as Threshold, points[k] as Threshold]
    area += ((b.falsePositives - a.falsePositives) * (a.truePositives + b.truePositives)) / 2
  }
  return area / positives / negatives
}

/** Σ (Rₖ − Rₖ₋₁) · Pₖ: precision at each threshold, weighted by the recall that it adds; nothing is interpolated. */
function averagePrecision(points: readonly Threshold[], positives: number): number {
  let sum = 0
  for (let k = 1; k < points.length; k++) {
    const [a, b] = [points[k - 1] as Threshold, points[k] as Threshold]
    const added = b.truePositives - a.truePositives
    if (added > 0) sum += (added * b.truePositives) / (b.truePositives + b.falsePositives)
  }
  return sum / positives
}

export type CurvePoint = readonly [x: number, y: number]

/** False positive rate and true positive rate (recall); empty where one of them has no images. */
export function rocPoints({ thresholds, positives, negatives }: ClassCurves): CurvePoint[] {
  if (positives === 0 || negatives === 0) return []
  return thresholds.map((point) => [point.falsePositives / negatives, point.truePositives / positives])
}

/** Recall and precision; begins at recall 0 with the precision of the first threshold. Empty without images of the class. */
export function precisionRecallPoints({ thresholds, positives }: ClassCurves): CurvePoint[] {
  if (positives === 0) return []
  const points = thresholds
    .slice(1)
    .map(({ truePositives, falsePositives }): CurvePoint => [
      truePositives / positives,
      truePositives / (truePositives + falsePositives),
    ])
  return [[0, points[0]?.[1] ?? 1], ...points]
}

/** Drops points that are closer than `step` to the last one kept, in x and in y; the first and the last stay. */
export function thinned(points: readonly CurvePoint[], step = 1 / 400): CurvePoint[] {
  const kept: CurvePoint[] = []
  points.forEach((point, i) => {
    const last = kept.at(-1)
    const far =
      last === undefined || Math.abs(point[0] - last[0]) >= step || Math.abs(point[1] - last[1]) >= step
    if (far || i === points.length - 1) kept.push(point)
  })
  return kept
}
