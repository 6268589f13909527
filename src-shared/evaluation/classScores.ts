/**
 * What a confusion matrix tells of a classifier. The definitions are those of scikit-learn's `classification_report` and
 * `cohen_kappa_score`, a share of nothing being 0. In remote sensing precision is called the user's accuracy, recall the
 * producer's accuracy, and accuracy the overall accuracy (Congalton 1991, doi:10.1016/0034-4257(91)90048-B).
 */

export interface ClassScore {
  class: string
  /** Of those predicted as this class, the share that is; 0 where none was. */
  precision: number
  /** Of those of this class, the share found; 0 where there are none. */
  recall: number
  /** Harmonic mean of both; 0 where both are 0. */
  f1: number
  /** Images of this class. */
  support: number
}

export type MeanScore = Pick<ClassScore, 'precision' | 'recall' | 'f1'>

export interface Agreement {
  /** Share of the images whose class was predicted; NaN without images. */
  accuracy: number
  /** Mean over the classes that are there, be it as true or as predicted ones. */
  macro: MeanScore
  /** Mean over the classes weighted by their images. */
  weighted: MeanScore
  /**
   * Cohen's kappa (1960, doi:10.1177/001316446002000104): (p − e) / (1 − e), p the accuracy and e what chance would reach with
   * the same numbers of true and of predicted images a class. Null where e is 1: one class only, and nothing else predicted.
   */
  kappa: number | null
}

/** `[true class][predicted class]`, counts of images. Labels below 0 are left out. */
export function confusionMatrix(labels: Int32Array, predicted: Int32Array, classes: number): number[][] {
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0))
  labels.forEach((label, i) => {
    const row = confusion[label]
    const column = predicted[i] as number
    if (row !== undefined) row[column] = (row[column] ?? 0) + 1
  })
  return confusion
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole)

const supports = (confusion: readonly (readonly number[])[]): number[] => confusion.map(sum)
const predictions = (confusion: readonly (readonly number[])[]): number[] =>
  confusion.map((_, column) => sum(confusion.map((row) => row[column] ?? 0)))
const found = (confusion: readonly (readonly number[])[]): number[] => confusion.map((row, i) => row[i] ?? 0)

/** Precision, recall and F1 of every class. */
export function scoreClasses(
  classes: readonly string[],
  confusion: readonly (readonly number[])[],
): ClassScore[] {
  const [right, support, predicted] = [found(confusion), supports(confusion), predictions(confusion)]
  return classes.map((name, i) => {
    const precision = share(right[i] as number, predicted[i] as number)
    const recall = share(right[i] as number, support[i] as number)
    const f1 = share(2 * precision * recall, precision + recall)
    return { class: name, precision, recall, f1, support: support[i] as number }
  })
}

/** How well true and predicted classes agree as a whole. */
export function agreement(
  scores: readonly ClassScore[],
  confusion: readonly (readonly number[])[],
): Agreement {
  const [support, predicted] = [supports(confusion), predictions(confusion)]
  const images = sum(support)
  const accuracy = sum(found(confusion)) / images
  const present = scores.map((_, i) => ((support[i] ?? 0) + (predicted[i] ?? 0) > 0 ? 1 : 0))
  const chance = sum(support.map((n, i) => (n / images) * ((predicted[i] as number) / images)))
  return {
    accuracy,
    macro: meanScore(scores, present),
    weighted: meanScore(scores, support),
    kappa: images === 0 || 1 - chance < 1e-12 ? null : (accuracy - chance) / (1 - chance),
  }
}

function meanScore(scores: readonly ClassScore[], weights: readonly number[]): MeanScore {
  const whole = sum(weights)
  const mean = (key: keyof MeanScore): number =>
    share(sum(scores.map((score, i) => score[key] * (weights[i] as number))), whole)
  return { precision: mean('precision'), recall: mean('recall'), f1: mean('f1') }
}
