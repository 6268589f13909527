import { Command } from 'commander'
import type { ExecutorChoice } from '#shared/engine/executor'
import { EngineClient } from '../services/engineClient'
import { evaluateModel, type Evaluation } from '../services/evaluateModel'
import { openEvaluated } from '../services/openEvaluated'
import { createImageStore } from '../storage/imageStore'
import { readModelFile } from '../storage/modelFile'
import { executorOption, threadsOption, typedSource } from './arguments'
import { exitCodes, type ExitCode } from './exitCode'
import { scanProgress } from './scanProgress'
import { percent, print, printJson, say, table } from './terminal'

interface EvaluateOptions {
  data: string
  executor: ExecutorChoice
  threads?: number
  json?: true
}

export function evaluateCommand(run: (work: () => Promise<ExitCode>) => void): Command {
  return new Command('evaluate')
    .description('accuracy, confusion matrix, and precision, recall and F1 of every class')
    .argument('<model>', 'model.json, or the folder it lies in')
    .requiredOption('--data <source>', 'image folder, or sample:digits for the 2,000 held out')
    .addOption(executorOption())
    .addOption(threadsOption())
    .option('--json', 'the result as JSON on stdout')
    .action((file: string, { data, executor, threads, json }: EvaluateOptions) => {
      run(async () => {
        const stored = await readModelFile(file)
        const progress = scanProgress(data)
        const source = await openEvaluated(typedSource(data), process.cwd(), stored.model, progress)
        progress.end()
        const engine = new EngineClient()
        const images = createImageStore()
        try {
          const options = { executor, threads: threads ?? null }
          const evaluation = await evaluateModel(engine, stored, source, options, images, (skipped) =>
            say(`Skipped ${skipped.file}: ${skipped.reason}`),
          )
          if (json === true) printJson(evaluation)
          else print(textEvaluation(evaluation))
        } finally {
          await engine.dispose()
          images.pool.dispose()
        }
        return exitCodes.done
      })
    })
}

function textEvaluation({ accuracy, loss, classes, confusion, perClass }: Evaluation): string {
  const images = perClass.reduce((sum, { support }) => sum + support, 0)
  const rows = perClass.map(({ class: name, precision, recall, f1, support }) => [
    name,
    percent(precision),
    percent(recall),
    percent(f1),
    String(support),
  ])
  const matrix = confusion.map((row, i) => [classes[i] ?? '', ...row.map(String)])
  const numbers = classes.map((_, i) => i + 1)
  return [
    `Accuracy ${percent(accuracy)}, loss ${loss.toFixed(4)}, ${images} images`,
    '',
    table([['class', 'precision', 'recall', 'F1', 'images'], ...rows], [1, 2, 3, 4]),
    '',
    'Confusion: a row is the true class, a column what was predicted',
    table([['', ...classes], ...matrix], numbers),
  ].join('\n')
}
