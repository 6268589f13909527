/** Tables of an evaluation and of new images as CSV (RFC 4180, UTF-8) that spreadsheets open without running anything. */
import { predictedClasses, type LabelledPredictions } from '../predictions'
import type { EvaluationSummary } from '../summary'

export type Cell = string | number | null

/**
 * A text that begins like a formula gets an apostrophe before it: names of files and folders come from anywhere, and a
 * spreadsheet would work out `=…` (OWASP, "CSV Injection").
 */
function cellText(cell: Cell, separator: Separator): string {
  if (cell === null) return ''
  if (typeof cell === 'number') return Number.isFinite(cell) ? String(cell) : ''
  const safe = /^[=+\-@\t\r\n]/.test(cell) ? `'${cell}` : cell
  return /[",;\r\n]|^\s|\s$/.test(safe) || safe.includes(separator) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** With tabulators in place of commas it is what spreadsheets take from the clipboard. */
export type Separator = ',' | '\t'

export function csvLine(cells: readonly Cell[], separator: Separator = ','): string {
  return `${cells.map((cell) => cellText(cell, separator)).join(separator)}\r\n`
}

const csv = (rows: readonly (readonly Cell[])[], separator?: Separator): string =>
  rows.map((cells) => csvLine(cells, separator)).join('')

/** Six digits tell more than any measure is worth. */
const round = (value: number | null): number | null => (value === null ? null : Number(value.toPrecision(6)))

export function classesCsv({ perClass }: EvaluationSummary): string {
  return csv([
    ['class', 'images', 'precision', 'recall', 'f1', 'auc', 'average precision'],
    ...perClass.map((one) => [
      one.class,
      one.support,
      ...[one.precision, one.recall, one.f1, one.auc, one.averagePrecision].map(round),
    ]),
  ])
}

export function confusionCsv({ classes, confusion }: EvaluationSummary): string {
  return csv([['true class', ...classes], ...confusion.map((row, i): Cell[] => [classes[i] ?? '', ...row])])
}

export function measuresCsv(summary: EvaluationSummary): string {
  const { macro, weighted, calibration } = summary
  return csv([
    ['measure', 'value'],
    ['images', summary.images],
    ['accuracy', round(summary.accuracy)],
    ['kappa', round(summary.kappa)],
    ['loss', round(summary.loss)],
    ['expected calibration error', round(calibration.expectedError)],
    ['maximum calibration error', round(calibration.maximumError)],
    ...(['precision', 'recall', 'f1'] as const).flatMap((key) => [
      [`macro ${key}`, round(macro[key])],
      [`weighted ${key}`, round(weighted[key])],
    ]),
  ])
}

/** Line by line: one for each image, with the probability of every class. */
export function* predictionLines(
  files: readonly string[],
  predictions: LabelledPredictions,
): Generator<string> {
  const { classes, labels, probabilities } = predictions
  const predicted = predictedClasses(predictions)
  yield csvLine([
    'file',
    'true class',
    'predicted class',
    'right',
    'confidence',
    ...classes.map((name) => `p ${name}`),
  ])
  for (const [i, file] of files.entries()) {
    const [truth, own] = [labels[i] as number, predicted[i] as number]
    const row = probabilities.subarray(i * classes.length, (i + 1) * classes.length)
    yield csvLine([
      file,
      classes[truth] ?? '',
      classes[own] ?? '',
      truth === own ? 'yes' : 'no',
      round(row[own] as number),
      ...Array.from(row, round),
    ])
  }
}

/** An image of unknown class, as far as a table of such tells of it. */
export interface PredictedImage {
  file: string
  /** Which model was asked. */
  model: string
  /** In the model's order; empty where it was not predicted, as `top` is. */
  classes: readonly string[]
  /** All of its classes, the likeliest first. */
  top: readonly { class: string; probability: number }[]
  /** Why it was not predicted, or null. */
  problem: string | null
}

/** In the order given. Models of other classes may have been asked: a class has one column, empty where the model does not know it. */
export function newImagesCsv(images: readonly PredictedImage[], separator?: Separator): string {
  const classes = [...new Set(images.flatMap((image) => image.classes))]
  return csv(
    [
      ['file', 'predicted class', 'confidence', 'model', 'problem', ...classes.map((name) => `p ${name}`)],
      ...images.map(({ file, model, top, problem }): Cell[] => {
        const probabilities = new Map(top.map((one) => [one.class, one.probability]))
        return [
          file,
          top[0]?.class ?? null,
          round(top[0]?.probability ?? null),
          model,
          problem,
          ...classes.map((name) => round(probabilities.get(name) ?? null)),
        ]
      }),
    ],
    separator,
  )
}
