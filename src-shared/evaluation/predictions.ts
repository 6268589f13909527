import { argmax } from '../layout/argmax'

/** What a model said about images whose class is known. */
export interface LabelledPredictions {
  classes: readonly string[]
  /** Index of the true class, one for each image. */
  labels: Int32Array
  /** `[images][classes]`, each row adds up to 1. */
  probabilities: Float32Array
}

/** The class with the largest probability, image by image; the first one wins a tie. */
export function predictedClasses({ classes, labels, probabilities }: LabelledPredictions): Int32Array {
  return labels.map((_, i) => argmax(probabilities, i * classes.length, classes.length))
}
