import { Command } from 'commander'
import { stat } from 'node:fs/promises'
import type { ExecutorChoice } from '#shared/engine/executor'
import { InterlockError } from '#shared/issues/errors'
import { EngineClient } from '../services/engineClient'
import { predictImages } from '../services/predictImages'
import { imageFormatNames } from '../storage/imageFormat'
import { groupBandFiles } from '../storage/bandFiles'
import { createImageStore } from '../storage/imageStore'
import { listImages } from '../storage/imageFolder'
import { readModelFile } from '../storage/modelFile'
import { executorOption, threadsOption } from './arguments'
import { exitCodes, type ExitCode } from './exitCode'
import { percent, print, printJson, say } from './terminal'

interface PredictOptions {
  executor: ExecutorChoice
  threads?: number
  json?: true
}

export function predictCommand(run: (work: () => Promise<ExitCode>) => void): Command {
  return new Command('predict')
    .description('classes with probabilities')
    .argument('<model>', 'model.json, or the folder it lies in')
    .argument('<image...>', 'image files, or folders of them')
    .addOption(executorOption())
    .addOption(threadsOption())
    .option('--json', 'the result as JSON on stdout')
    .action((file: string, images: string[], { executor, threads, json }: PredictOptions) => {
      run(async () => {
        const stored = await readModelFile(file)
        const given = (await Promise.all(images.map(expand))).flat()
        // Files of single bands that were typed one by one.
        const files = stored.model.preprocessing.bands.length > 1 ? groupBandFiles(given).files : given
        const engine = new EngineClient()
        const store = createImageStore()
        try {
          const predictions = await predictImages(
            engine,
            stored,
            files,
            { executor, threads: threads ?? null },
            store,
          )
          const failed = predictions.filter(({ problem }) => problem !== null)
          for (const { file: name, problem } of failed)
            say(`${name} cannot be read as an image: ${problem ?? ''}.`)
          if (json === true) {
            printJson(
              predictions.map(({ problem, ...rest }) => (problem === null ? rest : { ...rest, problem })),
            )
          } else {
            for (const { file: name, top } of predictions) {
              const best = top
                .slice(0, 3)
                .map(({ class: label, probability }) => `${label} ${percent(probability)}`)
              if (best.length > 0) print(`${name}: ${best.join(', ')}`)
            }
          }
          return failed.length > 0 ? exitCodes.badInput : exitCodes.done
        } finally {
          await engine.dispose()
          store.pool.dispose()
        }
      })
    })
}

/** A folder stands for the images in it. What is not there is left to the reader, which says so. */
async function expand(path: string): Promise<string[]> {
  const info = await stat(path).catch(() => null)
  if (info === null || !info.isDirectory()) return [path]
  const { files, skipped } = await listImages(path)
  for (const { file, reason } of skipped) say(`Skipped ${file}: ${reason}`)
  if (files.length === 0) {
    const problem = `expected ${imageFormatNames} files`
    throw new InterlockError('DATA_NO_IMAGES', { use: 'predict', folder: path, problem })
  }
  return files
}
