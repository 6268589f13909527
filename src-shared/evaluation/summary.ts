import type { Calibration } from './calibration'
import { calibrate } from './calibration'
import { agreement, confusionMatrix, scoreClasses, type Agreement, type ClassScore } from './classScores'
import { classCurves } from './curves'
import { predictedClasses, type LabelledPredictions } from './predictions'

export interface EvaluatedClass extends ClassScore {
  /** Area under its ROC curve against all other classes; null where there is none. */
  auc: number | null
  averagePrecision: number | null
}

/** Why images could not be split as those of a model's training were: all of them are compared. */
export interface SplitFallback {
  /** How the training's were split. */
  by: 'folders' | 'lists' | 'blocks'
  code: 'DATA_NO_PARTS' | 'DATA_LIST_UNMATCHED' | 'DATA_NO_PLACE' | 'DATA_PLACES_DIFFER' | 'DATA_FEW_BLOCKS'
}

/** What was evaluated, and when. */
export interface EvaluationFacts {
  modelName: string
  /** Whose weights these are; 0 for a network that was not trained. */
  epoch: number
  /** What the images are of those the model was trained with: held out to validate on, kept for the end, or all of another source. */
  part: 'validation' | 'test' | 'all'
  source: string
  /** Not there where the images are split as in training, or by chance. */
  fallback?: SplitFallback
  /** ISO 8601. */
  evaluatedAt: string
  /** How long it took. */
  seconds: number
  /** Mean cross-entropy. */
  loss: number
  /** The first of the files that could not be read, and how many there are. */
  skipped: readonly { file: string; reason: string }[]
  skippedCount: number
}

/** An evaluation without its images. */
export interface EvaluationSummary extends EvaluationFacts, Agreement {
  images: number
  classes: readonly string[]
  /** `[true class][predicted class]`, counts. */
  confusion: number[][]
  perClass: readonly EvaluatedClass[]
  calibration: Calibration
  mistakes: number
}

/** Every measure of an evaluation. `turn` is awaited between classes, which take their time where there are many images. */
export async function summarise(
  predictions: LabelledPredictions,
  facts: EvaluationFacts,
  turn: () => Promise<unknown> = () => Promise.resolve(),
): Promise<EvaluationSummary> {
  const { classes, labels } = predictions
  const confusion = confusionMatrix(labels, predictedClasses(predictions), classes.length)
  const scores = scoreClasses(classes, confusion)
  const perClass: EvaluatedClass[] = []
  for (const [index, score] of scores.entries()) {
    await turn()
    const { auc, averagePrecision } = classCurves(predictions, index)
    perClass.push({ ...score, auc, averagePrecision })
  }
  const right = confusion.reduce((sum, row, i) => sum + (row[i] ?? 0), 0)
  return {
    ...facts,
    ...agreement(scores, confusion),
    images: labels.length,
    classes,
    confusion,
    perClass,
    calibration: calibrate(predictions),
    mistakes: labels.length - right,
  }
}
