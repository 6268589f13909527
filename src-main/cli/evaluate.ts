import { Command } from 'commander'
import { resolve } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { ExecutorChoice } from '#shared/engine/executor'
import { summarise, type EvaluationSummary } from '#shared/evaluation/summary'
import type { SkippedFile } from '#shared/rpc/services'
import { EngineClient } from '../services/engineClient'
import { writeReportFile, writeTableFiles } from '../services/evaluationFiles'
import { modelDisplay } from '../services/predictImages'
import { evaluateImages } from '../services/evaluateModel'
import { usualPart } from '../services/loadImages'
import { openEvaluated } from '../services/openEvaluated'
import { createImageStore } from '../storage/imageStore'
import { readModelFile } from '../storage/modelFile'
import { executorOption, threadsOption, typedSource } from './arguments'
import { fallbackText } from './dataText'
import { exitCodes, type ExitCode } from './exitCode'
import { scanProgress } from './scanProgress'
import { percent, print, printJson, say, table } from './terminal'

interface EvaluateOptions {
  data: string
  executor: ExecutorChoice
  threads?: number
  report?: string
  csv?: string
  json?: true
}

export function evaluateCommand(run: (work: () => Promise<ExitCode>) => void): Command {
  return new Command('evaluate')
    .description('accuracy, confusion matrix, and precision, recall and F1 of every class')
    .argument('<model>', 'model.json, or the folder it lies in')
    .requiredOption('--data <source>', 'image folder, or sample:digits for the 2,000 held out')
    .addOption(executorOption())
    .addOption(threadsOption())
    .option('--report <file>', 'write a report too, as one HTML file')
    .option('--csv <folder>', 'write tables of the measures, classes, confusions and images too')
    .option('--json', 'the result as JSON on stdout')
    .action((file: string, { data, executor, threads, report, csv, json }: EvaluateOptions) => {
      run(async () => {
        const stored = await readModelFile(file)
        const progress = scanProgress(data)
        const source = await openEvaluated(typedSource(data), process.cwd(), stored.model, progress)
        progress.end()
        const engine = new EngineClient()
        const images = createImageStore()
        try {
          const started = performance.now()
          const skipped: SkippedFile[] = []
          const part = usualPart(source, stored.model.training.split)
          const warning = source.fallback ? fallbackText(source.fallback) : null
          if (warning !== null) say(warning)
          const evaluated = await evaluateImages(engine, stored, source, part, {
            executor,
            threads: threads ?? null,
            images,
            onSkipped(one) {
              skipped.push(one)
              say(`Skipped ${one.file}: ${one.reason}`)
            },
          })
          const { files, loss } = evaluated
          const { model } = stored
          const summary = await summarise(
            evaluated,
            {
              modelName: model.name,
              epoch: model.training.epoch,
              part,
              source: source.source,
              ...(source.fallback ? { fallback: source.fallback } : {}),
              evaluatedAt: new Date().toISOString(),
              seconds: (performance.now() - started) / 1000,
              loss,
              skipped,
              skippedCount: skipped.length,
            },
            () => setImmediate(),
          )
          const written = { evaluation: summary, model, files, predictions: evaluated }
          if (report !== undefined) {
            await writeReportFile(images.pool, written, resolve(report), modelDisplay(stored, null))
            say(`Report: ${resolve(report)}`)
          }
          if (csv !== undefined) {
            for (const name of await writeTableFiles(written, resolve(csv))) say(`Table: ${name}`)
          }
          if (json === true) printJson({ ...jsonOf(summary), ...(warning ? { warnings: [warning] } : {}) })
          else print(textOf(summary))
        } finally {
          await engine.dispose()
          images.pool.dispose()
        }
        return exitCodes.done
      })
    })
}

/** As cli.md fixes it. */
function jsonOf({ accuracy, loss, classes, confusion, perClass }: EvaluationSummary) {
  const scores = perClass.map(({ auc: _auc, averagePrecision: _average, ...score }) => score)
  return { accuracy, loss, classes, confusion, perClass: scores }
}

function textOf({ accuracy, kappa, loss, images, classes, confusion, perClass }: EvaluationSummary): string {
  const rows = perClass.map(({ class: name, precision, recall, f1, support }) => [
    name,
    percent(precision),
    percent(recall),
    percent(f1),
    String(support),
  ])
  const chance = kappa === null ? '' : `, kappa ${kappa.toFixed(4)}`
  return [
    `Accuracy ${percent(accuracy)}, loss ${loss.toFixed(4)}${chance}, ${images} images`,
    '',
    table([['class', 'precision', 'recall', 'F1', 'images'], ...rows], [1, 2, 3, 4]),
    '',
    ...confusionText(classes, confusion),
  ].join('\n')
}

/** A wider matrix than a terminal is only noise there: then the largest confusions are listed. */
const widest = 160
const mostListed = 20

function confusionText(classes: readonly string[], confusion: readonly (readonly number[])[]): string[] {
  const rows = confusion.map((row, i) => [classes[i] ?? '', ...row.map(String)])
  const matrix = table(
    [['', ...classes], ...rows],
    classes.map((_, i) => i + 1),
  )
  if (matrix.indexOf('\n') <= widest)
    return ['Confusion: a row is the true class, a column what was predicted', matrix]
  const confused = confusion.flatMap((row, i) => {
    const support = row.reduce((sum, n) => sum + n, 0)
    return row.flatMap((count, j) =>
      i === j || count === 0 ? [] : [{ i, j, count, share: count / support }],
    )
  })
  if (confused.length === 0) return ['No class was taken for another.']
  const largest = confused.sort((a, b) => b.count - a.count || b.share - a.share).slice(0, mostListed)
  const listed = largest.map(({ i, j, count, share }) => [
    classes[i] ?? '',
    classes[j] ?? '',
    String(count),
    percent(share),
  ])
  const some = confused.length > mostListed ? `, the largest ${mostListed} of ${confused.length}` : ''
  return [
    `Confusions${some} (--csv and --report write the whole matrix)`,
    table([['true class', 'predicted', 'images', 'of the class'], ...listed], [2, 3]),
  ]
}
