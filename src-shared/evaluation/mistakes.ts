import { predictedClasses, type LabelledPredictions } from './predictions'

/**
 * Images that were taken for another class, the most confident mistake first (equal ones in their order): a model that is sure
 * and wrong often points at a wrong label (Northcutt, Jiang & Chuang 2021, arXiv:1911.00068). Positions of the images.
 */
export function confidentMistakes(predictions: LabelledPredictions): number[] {
  const { labels, probabilities, classes } = predictions
  const predicted = predictedClasses(predictions)
  const wrong = Array.from(labels.keys()).filter((i) => labels[i] !== predicted[i])
  const confidence = (i: number): number =>
    probabilities[i * classes.length + (predicted[i] as number)] as number
  return wrong.sort((a, b) => confidence(b) - confidence(a) || a - b)
}
