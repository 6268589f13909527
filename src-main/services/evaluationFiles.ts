import { join } from 'node:path'
import type { DisplaySettings } from '#shared/data/displayBands'
import { classCurves, precisionRecallPoints, rocPoints, thinned } from '#shared/evaluation/curves'
import { confidentMistakes } from '#shared/evaluation/mistakes'
import { predictedClasses, type LabelledPredictions } from '#shared/evaluation/predictions'
import { classesCsv, confusionCsv, measuresCsv, predictionLines } from '#shared/evaluation/report/csv'
import {
  mostMistakes,
  reportHtml,
  weakestClasses,
  type ReportCurves,
  type ReportMistake,
} from '#shared/evaluation/report/report'
import type { EvaluationSummary } from '#shared/evaluation/summary'
import { makeFolder, writeFileAtomic } from '../storage/atomicFile'
import type { DecodePool } from '../storage/decoding/decodePool'
import { digitsSource } from '../storage/digits'
import type { EvaluatedModel } from '../storage/evaluationFile'
import { modelFacts } from './modelFacts'
import { digitThumbnail, fileThumbnail } from './thumbnails'

/** What is written about an evaluation. */
export interface WrittenEvaluation {
  evaluation: EvaluationSummary
  model: EvaluatedModel
  files: readonly string[]
  predictions: LabelledPredictions
}

export const tableNames = ['measures.csv', 'classes.csv', 'confusion.csv', 'predictions.csv'] as const

/** Side of a picture in the report, in pixels. */
const reportSide = 152
/** Points of a drawn curve lie so far apart at least; the report is to be mailed. */
const reportStep = 1 / 150

/** A picture of an evaluated image; null where it cannot be read any more. `file` is one of the evaluation's. */
export async function evaluationThumbnail(
  pool: DecodePool,
  source: string,
  file: string,
  side: number,
  display: DisplaySettings,
): Promise<Uint8Array | null> {
  if (file === '') return null
  if (source !== digitsSource) return fileThumbnail(pool, join(source, file), side, display).catch(() => null)
  return digitThumbnail(Number(/(\d+)\.png$/.exec(file)?.[1]))
}

/** Writes the evaluation as one HTML file. Throws FILE_UNWRITABLE. */
export async function writeReportFile(
  pool: DecodePool,
  { evaluation, model, files, predictions }: WrittenEvaluation,
  file: string,
  display: DisplaySettings,
): Promise<void> {
  const { classes, probabilities, labels } = predictions
  const predicted = predictedClasses(predictions)
  const worst = confidentMistakes(predictions).slice(0, mostMistakes)
  const mistakes = await Promise.all(
    worst.map(async (i): Promise<ReportMistake> => {
      const own = predicted[i] as number
      const png = await evaluationThumbnail(pool, evaluation.source, files[i] ?? '', reportSide, display)
      return {
        file: files[i] ?? '',
        truth: classes[labels[i] as number] ?? '',
        predicted: classes[own] ?? '',
        confidence: probabilities[i * classes.length + own] as number,
        png: png === null ? null : Buffer.from(png).toString('base64'),
      }
    }),
  )
  const curves = new Map<number, ReportCurves>()
  for (const index of weakestClasses(evaluation.perClass)) {
    const found = classCurves(predictions, index)
    curves.set(index, {
      roc: thinned(rocPoints(found), reportStep),
      precisionRecall: thinned(precisionRecallPoints(found), reportStep),
    })
  }
  const blocks = model.graph.blocks.map(({ id, name, type, output }) => ({
    name: name ?? id,
    type,
    output: output?.join('×') ?? '–',
  }))
  await writeFileAtomic(
    file,
    reportHtml({ summary: evaluation, model: modelFacts(model), blocks, curves, mistakes }),
  )
}

/** Writes a file for each of {@link tableNames}; answers their paths. Throws FILE_UNWRITABLE. */
export async function writeTableFiles(
  { evaluation, files, predictions }: WrittenEvaluation,
  folder: string,
): Promise<string[]> {
  await makeFolder(folder)
  const tables: Record<(typeof tableNames)[number], string | Uint8Array[]> = {
    'measures.csv': measuresCsv(evaluation),
    'classes.csv': classesCsv(evaluation),
    'confusion.csv': confusionCsv(evaluation),
    'predictions.csv': inPieces(predictionLines(files, predictions)),
  }
  for (const name of tableNames) await writeFileAtomic(join(folder, name), tables[name])
  return tableNames.map((name) => join(folder, name))
}

/** Lines in buffers of some hundred: a text of 100,000 images with 100 classes is too long for one string. */
function inPieces(lines: Iterable<string>): Uint8Array[] {
  const pieces: Uint8Array[] = []
  let waiting: string[] = []
  const flush = (): void => {
    pieces.push(Buffer.from(waiting.join('')))
    waiting = []
  }
  for (const line of lines) {
    if (waiting.push(line) === 500) flush()
  }
  flush()
  return pieces
}
