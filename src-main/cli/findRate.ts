import { Command } from 'commander'
import { resolve } from 'node:path'
import type { ExecutorChoice } from '#shared/engine/executor'
import { searchedRates, type RateSearch } from '#shared/training/rateSearch'
import { onInterrupt } from '../onInterrupt'
import { EngineClient } from '../services/engineClient'
import { searchRate } from '../services/rateSearch'
import { createImageStore } from '../storage/imageStore'
import { executorOption, threadsOption, typedSource } from './arguments'
import { exitCodes, type ExitCode } from './exitCode'
import { readSoundProject } from './readSoundProject'
import { print, printJson, say } from './terminal'

interface FindRateOptions {
  data?: string
  executor: ExecutorChoice
  threads?: number
  json?: true
}

export function findRateCommand(run: (work: () => Promise<ExitCode>) => void): Command {
  return new Command('find-lr')
    .description(
      'looks for a learning rate: a hundred steps with a rising one, and where the loss falls steepest',
    )
    .argument('<project>', 'project file')
    .option('--data <source>', "image folder or sample:digits (default: the project's)")
    .addOption(executorOption())
    .addOption(threadsOption())
    .option('--json', 'the curve as JSON on stdout')
    .action((file: string, options: FindRateOptions) => run(() => findRate(file, options)))
}

async function findRate(file: string, options: FindRateOptions): Promise<ExitCode> {
  const read = await readSoundProject(file)
  const source = options.data === undefined ? read.data.source : typedSource(options.data)
  const project = { ...read, data: { ...read.data, source } }
  const engine = new EngineClient()
  const images = createImageStore()
  const abort = new AbortController()
  const letGo = onInterrupt(() => abort.abort())
  try {
    const found = await searchRate({
      project,
      projectFile: resolve(file),
      executor: options.executor,
      threads: options.threads ?? null,
      engine,
      images,
      signal: abort.signal,
      onReading: () => undefined,
      onTried: () => undefined,
    })
    if (found === null) {
      say('Called off.')
      return exitCodes.no
    }
    if (options.json === true) printJson(found)
    else print(resultText(found))
    return found.suggestion === null ? exitCodes.no : exitCodes.done
  } finally {
    letGo()
    await engine.dispose()
    images.pool.dispose()
  }
}

const rateText = (rate: number) => Number(rate.toPrecision(2)).toString()

/** `Learning rate 0.0083: there the loss falls steepest. It is lowest at 0.063 and runs away from 0.4 on.` */
function resultText({ learningRates, smoothed, suggestion, ranAway }: RateSearch): string {
  const lowest = rateText(learningRates[smoothed.indexOf(Math.min(...smoothed))] ?? NaN)
  const away = ranAway ? ` and runs away from ${rateText(learningRates.at(-1) ?? NaN)} on` : ''
  return suggestion === null
    ? `The loss fell clearly with no learning rate from ${searchedRates.from} to ${searchedRates.to}.`
    : `Learning rate ${rateText(suggestion)}: there the loss falls steepest. It is lowest at ${lowest}${away}.`
}
