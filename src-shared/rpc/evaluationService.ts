/** What the window may ask about how well a run's models do: a part of `services.ts`. */
import type { DisplaySettings } from '../data/displayBands'
import type { CurvePoint } from '../evaluation/curves'
import type { EvaluationSummary } from '../evaluation/summary'
import type { InterlockErrorData } from '../issues/errors'
import type { Prediction } from './services'

/** The best epoch of a run, or the one it ended with. */
export type RunModel = 'best' | 'last'

export interface EvaluationRequest {
  runId: string
  model: RunModel
  /** The part of the run's images that it held out to validate on, the one kept for the end, or another folder. */
  part: 'validation' | 'test' | 'folder'
  /** Null but for `folder`. */
  folder: string | null
}

/** An evaluation of a run's model, kept in the run's folder. */
export interface RunEvaluation extends EvaluationSummary {
  /** Names it in all other questions. */
  id: string
  runId: string
  model: RunModel
  /** How many images the run held out as this part; null where it does not say. Others: the folder has changed since. */
  expectedImages: number | null
}

export type EvaluationState =
  | { kind: 'waiting' }
  | { kind: 'reading' | 'predicting'; done: number; total: number }
  | { kind: 'ready'; evaluation: RunEvaluation }
  | { kind: 'failed'; error: InterlockErrorData }
  /** Cancelled, or never asked for. */
  | { kind: 'none' }

export interface FoundEvaluation {
  id: string
  /** As it was kept from an earlier time; null: it is yet to be done. */
  evaluation: RunEvaluation | null
}

/** For drawing: few enough points, the values above them exact. */
export interface DrawnCurves {
  roc: readonly CurvePoint[]
  precisionRecall: readonly CurvePoint[]
  auc: number | null
  averagePrecision: number | null
  positives: number
  negatives: number
}

/** Images of a cell of the confusion matrix, or all mistakes, the most confident first; of a class's right ones the least confident. */
export type ImageChoice = { kind: 'cell'; truth: number; predicted: number } | { kind: 'mistakes' }

export interface EvaluatedImage {
  index: number
  /** Below the source, with `/`. */
  file: string
  truth: number
  predicted: number
  /** Of the predicted class, and of the true one. */
  confidence: number
  truthProbability: number
  /** The likeliest classes. */
  top: readonly { class: number; probability: number }[]
}

export interface ChosenImages {
  total: number
  images: readonly EvaluatedImage[]
}

/** A new image from outside: what the model says, and how it looks. */
export interface NewPrediction extends Prediction {
  /** The model's, in its order; empty where there is no prediction. */
  classes: readonly string[]
  /** Null where the file cannot be read. */
  png: Uint8Array | null
}

type Display = DisplaySettings['display']

export interface EvaluationService {
  /** Whether there is a kept result for the weights as they are now. Throws RUN_NOT_FOUND, RUN_WITHOUT_MODEL, MODEL_*. */
  find(request: EvaluationRequest): Promise<FoundEvaluation>
  /** Begins anew, or joins the one under way; one after the other. Answers its id at once. Throws as `find`. */
  start(request: EvaluationRequest): Promise<string>
  state(id: string): Promise<EvaluationState>
  cancel(id: string): Promise<void>
  /** Whether the source lists other files than when this was done. Throws what listing a folder throws. */
  changed(id: string): Promise<boolean>
  curves(id: string, classIndex: number): Promise<DrawnCurves>
  images(id: string, choice: ImageChoice, from: number, count: number): Promise<ChosenImages>
  /**
   * PNG pictures of at most so many pixels a side; null where an image cannot be read any more. `display`: names of the bands that are
   * shown, where the images have them (`data/displayBands.ts`).
   */
  thumbnails(
    id: string,
    indices: readonly number[],
    side: number,
    display: Display,
  ): Promise<(Uint8Array | null)[]>
  /** Throws FILE_UNWRITABLE, and FILE_EXISTS where something is there that may not be replaced. */
  writeReport(id: string, file: string, replace: boolean, display: Display): Promise<void>
  /**
   * Writes `measures.csv`, `classes.csv`, `confusion.csv` and `predictions.csv` into a folder; answers their paths. Throws
   * FILE_UNWRITABLE, and FILE_EXISTS where one of them is there and may not be replaced.
   */
  writeTables(id: string, folder: string, replace: boolean): Promise<string[]>
  /**
   * Writes a table of new images (`newImagesCsv`) as `new-images.csv` into a folder; answers its path. Throws FILE_UNWRITABLE, and
   * FILE_EXISTS where it is there and may not be replaced.
   */
  writeNewImages(csv: string, folder: string, replace: boolean): Promise<string>
  /**
   * A piece of a file that is not on this machine's disk as far as the window knows; pieces of one `upload` follow one
   * another. Throws ARGUMENT_INVALID where it grows too large.
   */
  upload(upload: string, piece: Uint8Array): Promise<void>
  /** Predicts what was uploaded, which is then forgotten. */
  predictUpload(
    upload: string,
    name: string,
    runId: string,
    model: RunModel,
    display: Display,
  ): Promise<NewPrediction>
}
