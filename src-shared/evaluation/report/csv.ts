/** Tables of an evaluation as CSV (RFC 4180, UTF-8) that spreadsheets open without running anything. */
import { predictedClasses, type LabelledPredictions } from '../predictions'
import type { EvaluationSummary } from '../summary'

export type Cell = string | number | null

/**
 * A text that begins like a formula gets an apostrophe before it: names of files and folders come from anywhere, and a
 * spreadsheet would work out `=…` (OWASP, "CSV Injection").
 */
function cellText(cell: Cell): string {
  if (cell === null) return ''
  if (typeof cell === 'number') return Number.isFinite(cell) ? String(cell) : ''
  const safe = /^[=+\-@\t\r\n]/.test(cell) ? `'${cell}` : cell
  return /[",;\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(cellText).join(',')}\r\n`
}

const csv = (rows: readonly (readonly Cell[])[]): string => rows.map(csvLine).join('')

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
