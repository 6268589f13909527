import { Command, Option } from 'commander'
import { basename, join, resolve } from 'node:path'
import type { ExecutorChoice } from '#shared/engine/executor'
import { InterlockError, toInterlockError } from '#shared/issues/errors'
import type { ProjectFile } from '#shared/project/schema'
import type { EarlyStop } from '#shared/training/earlyStopping'
import { adviseRun } from '#shared/training/adviseRun'
import { bestAccuracies, spreadOf } from '#shared/training/noise'
import { withSeed, type RunSeries } from '#shared/training/repeatSeeds'
import { comparedSplits, splitGap, type SplitAccuracy, type SplitPair } from '#shared/training/splitGap'
import { trainingSchema } from '#shared/training/settings'
import type { RunState } from '#shared/training/runState'
import { onInterrupt } from '../onInterrupt'
import { EngineClient } from '../services/engineClient'
import { FolderScans } from '../services/folderScans'
import { checkpointSeconds, TrainingRuns } from '../services/trainingService'
import { createImageStore } from '../storage/imageStore'
import { runsFolder } from '../storage/userFolder'
import { executorOption, integer, positiveNumber, threadsOption, typedSource } from './arguments'
import { splitWarning } from './dataText'
import { exitCodes, type ExitCode } from './exitCode'
import { readSoundProject } from './readSoundProject'
import { grouped, percent, print, printJson, say } from './terminal'
import { jsonReporter, textReporter, type Write } from './trainReporters'
import { addDataOptions, typedData, type DataOptions } from './typedData'
import { version } from '../../package.json'

interface TrainOptions extends DataOptions {
  val?: string
  epochs?: number
  batch?: number
  lr?: number
  seed?: number
  executor: ExecutorChoice
  threads?: number
  out?: string
  resume?: true
  checkpointEvery: number
  weightsFrom?: string
  repeat?: number
  compareSplits?: true
  json?: true
}

export function trainCommand(run: (work: () => Promise<ExitCode>) => void): Command {
  const command = new Command('train')
    .description('trains; writes model.json, its weights, history.json and a checkpoint')
    .argument('<project>', 'project file')
    .option('--data <source>', "image folder or sample:digits (default: the project's)")
  return addDataOptions(command)
    .option('--val <folder>', 'validate on these images instead of a part of the data')
    .option('--epochs <n>', 'passes over the training images', integer(1, 100_000))
    .option('--batch <n>', 'images a step', integer(1, 4096))
    .option('--lr <x>', 'learning rate', positiveNumber)
    .option('--seed <n>', 'seed of weights and order', integer(0, 0xffff_ffff))
    .addOption(executorOption())
    .addOption(threadsOption())
    .addOption(new Option('--out <dir>', 'folder to write into (default: a new one in runs/)'))
    .option('--resume', 'go on from the checkpoint in --out')
    .option(
      '--checkpoint-every <seconds>',
      'save within an epoch this often, besides after each',
      positiveNumber,
      checkpointSeconds,
    )
    .option('--weights-from <dir>', 'a new run that takes over all weights of the run in DIR that fit')
    .option('--compare-splits', 'train by seed and by blocks, and tell how far their accuracies are apart')
    .option(
      '--repeat <n>',
      'train n times, with seeds that follow each other; tells the spread',
      integer(2, 100),
    )
    .option('--json', 'events as JSON lines on stdout')
    .action((file: string, options: TrainOptions) =>
      run(() =>
        options.compareSplits === true
          ? tellingErrors(options, printJson, () => compareSplits(file, options))
          : train(file, options),
      ),
    )
}

/**
 * How much of the accuracy comes from tiles that lie beside those learnt: the same settings and seeds on the same images, split by
 * chance and by blocks of the map, into the folders `seed` and `blocks`. The buffer takes some images from the second.
 */
async function compareSplits(file: string, options: TrainOptions): Promise<ExitCode> {
  for (const [name, given] of [
    ['--resume', options.resume],
    ['--val', options.val],
    ['--split', options.split],
    ['--repeat', options.repeat],
  ] as const) {
    if (given === undefined) continue
    const details = { what: '--compare-splits', expected: `no ${name} beside it`, found: name }
    throw new InterlockError('ARGUMENT_INVALID', details)
  }
  const out = resolve(options.out ?? defaultFolder(file))
  const runs: RunState[] = []
  for (const split of comparedSplits) {
    if (options.json !== true) say(`Split by ${split}:`)
    const pair = { id: basename(out), by: split }
    const typed = { ...options, split, out: join(out, split) }
    const { state, folder } = await trainOnce(file, typed, printJson, { pair })
    report(state, folder, options.json === true)
    if (state.phase.kind === 'stopped') return exitCodes.done
    runs.push(state)
  }
  const [bySeed, byBlocks] = runs
  const found = bySeed && byBlocks ? splitGap(bySeed, byBlocks) : null
  if (bySeed === undefined || found === null) return exitCodes.done
  const { seed, blocks, gap, standardError } = found
  const { splitSeed } = bySeed.project.data
  const trainingSeed = bySeed.project.training.seed
  if (options.json === true) {
    printJson({ event: 'splits', seed, blocks, gap, standardError, splitSeed, trainingSeed })
    return exitCodes.done
  }
  const told = ({ valAccuracy, images, validationImages }: SplitAccuracy) =>
    `${percent(valAccuracy)} (${grouped(images)} trained on, ${grouped(validationImages)} validated)`
  print(`Validation accuracy split by seed: ${told(seed)}`)
  print(`Validation accuracy split by blocks: ${told(blocks)}`)
  const points = `${(gap * 100).toFixed(2)} points, standard error ${(standardError * 100).toFixed(2)}`
  print(`Gap: ${points} (split seed ${splitSeed}, training seed ${trainingSeed})`)
  return exitCodes.done
}

/** Runs one after the other, each in a folder of its own, until one is stopped; then how far they are apart. */
async function repeat(file: string, options: TrainOptions, count: number): Promise<ExitCode> {
  if (options.resume === true) {
    const details = { what: '--repeat', expected: 'no --resume beside it', found: '--resume' }
    throw new InterlockError('ARGUMENT_INVALID', details)
  }
  const json = options.json === true
  const out = resolve(options.out ?? defaultFolder(file))
  const project = withOptions(await readSoundProject(file), options)
  const states: RunState[] = []
  let problem: unknown = null
  for (let index = 1; index <= count; index++) {
    const { seed } = withSeed(project, index).training
    const write: Write = (line) => printJson({ ...line, run: index })
    if (!json) say(`Run ${index} of ${count}, seed ${seed}`)
    const series = { id: basename(out), index, count }
    const one = { ...options, seed, out: join(out, `seed-${seed}`) }
    try {
      const state = await tellingErrors(options, write, async () => {
        const { state, folder } = await trainOnce(file, one, write, { series })
        report(state, folder, json, write)
        return state
      })
      if (state.phase.kind !== 'completed') break
      states.push(state)
    } catch (thrown) {
      problem = thrown
      break
    }
  }
  if (states.length > 0) reportSeries(states, count, out, json)
  // What the runs before came to has been told; that it was not all is told like any other error.
  if (problem !== null) throw toInterlockError(problem)
  return exitCodes.done
}

function reportSeries(states: readonly RunState[], count: number, out: string, json: boolean): void {
  const values = bestAccuracies(states)
  const { mean, deviation, min, max } = spreadOf(values)
  if (json) {
    printJson({
      event: 'series',
      out,
      runs: values.length,
      metric: 'valAccuracy',
      seeds: states.map((state) => state.project.training.seed),
      values,
      mean,
      std: deviation,
      min,
      max,
      ...(states.length < count ? { stopped: true } : {}),
    })
    return
  }
  const spread = `${percent(mean)} ± ${percent(deviation)} (from ${percent(min)} to ${percent(max)})`
  print(`${values.length} of ${count} runs: best validation accuracy ${spread}. Everything is in ${out}`)
}

/** Programs that read the events are told there why a run could not start or failed; the line for people follows on stderr. */
async function tellingErrors<T>({ json }: TrainOptions, write: Write, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (thrown) {
    const { code, message } = toInterlockError(thrown)
    if (json === true) write({ event: 'error', code, message })
    throw thrown
  }
}

async function train(file: string, options: TrainOptions): Promise<ExitCode> {
  if (options.repeat !== undefined) return repeat(file, options, options.repeat)
  return tellingErrors(options, printJson, async () => {
    const { state, folder } = await trainOnce(file, options)
    return report(state, folder, options.json === true)
  })
}

async function trainOnce(
  file: string,
  options: TrainOptions,
  write: Write = printJson,
  { series, pair }: { series?: RunSeries; pair?: SplitPair } = {},
): Promise<{ state: RunState; folder: string }> {
  if (options.resume === true && options.out === undefined) {
    const details = { what: '--resume', expected: '--out with the folder of the run', found: 'no --out' }
    throw new InterlockError('ARGUMENT_INVALID', details)
  }
  if (options.resume === true && options.weightsFrom !== undefined) {
    const details = { what: '--weights-from', expected: 'no --resume beside it', found: '--resume' }
    throw new InterlockError('ARGUMENT_INVALID', details)
  }
  const read = withOptions(await readSoundProject(file), options)
  const scans = new FolderScans()
  const data = await typedData(read.data, options, scans)
  const project = {
    ...read,
    data: options.val === undefined ? data : { ...data, validationSource: typedSource(options.val) },
  }
  const engine = new EngineClient()
  const images = createImageStore()
  const runs = new TrainingRuns(engine, {
    runsFolder: runsFolder(),
    version,
    images,
    checkpointSeconds: options.checkpointEvery,
  })
  const reporter = options.json === true ? jsonReporter(write) : textReporter()
  const stopListening = runs.onRunEvent(reporter.onEvent)
  try {
    const running = await runs.startRun({
      project,
      projectFile: resolve(file),
      executor: options.executor,
      threads: options.threads ?? null,
      folder: resolve(options.out ?? defaultFolder(file)),
      resume: options.resume === true,
      series: series ?? null,
      pair: pair ?? null,
      weightsFrom: options.weightsFrom === undefined ? null : resolve(options.weightsFrom),
      scan: (folder, scanning) => scans.scan(folder, scanning),
    })
    const warning = splitWarning({ by: data.splitBy }, running.sourceClasses)
    if (warning !== null) reporter.warn(warning)
    const letGo = onInterrupt(() => {
      say('Stopping after this step, everything is saved; press Ctrl-C again to leave at once.')
      running.stop()
    })
    const state = await running.finished
    letGo()
    return { state, folder: running.folder }
  } finally {
    stopListening()
    reporter.end()
    await engine.dispose()
    images.pool.dispose()
  }
}

/** The project with what the command line says in place of its training settings. */
function withOptions(project: ProjectFile, { epochs, batch, lr, seed }: TrainOptions): ProjectFile {
  const { training } = project
  const changed = trainingSchema.safeParse({
    ...training,
    epochs: epochs ?? training.epochs,
    batchSize: batch ?? training.batchSize,
    seed: seed ?? training.seed,
    optimizer: { ...training.optimizer, learningRate: lr ?? training.optimizer.learningRate },
  })
  if (!changed.success) {
    const [issue] = changed.error.issues
    const what = `training.${issue?.path.join('.') ?? ''}`
    const expected = issue?.message ?? 'another value'
    throw new InterlockError('ARGUMENT_INVALID', { what, expected, found: 'a value that is not' })
  }
  return { ...project, training: changed.data }
}

/** `runs/lenet-20261123-164530`, beside where the command is typed. */
function defaultFolder(file: string): string {
  const name = basename(file).replace(/(\.interlock)?\.json$/i, '')
  const time = new Date().toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15)
  return join('runs', `${name}-${time}`)
}

function report(state: RunState, folder: string, json: boolean, write: Write = printJson): ExitCode {
  if (state.phase.kind === 'failed') throw InterlockError.fromData(state.phase.error)
  const stopped = state.phase.kind === 'stopped'
  const early = state.phase.kind === 'completed' ? (state.phase.early ?? null) : null
  if (json) {
    write({
      event: 'done',
      out: folder,
      best: state.best,
      ...(stopped ? { stopped: true } : {}),
      ...(early ? { earlyStop: early } : {}),
    })
    return exitCodes.done
  }
  const { best } = state
  const result =
    best === null
      ? 'no epoch was finished'
      : `best epoch ${best.epoch}: validation loss ${best.valLoss.toFixed(4)}, accuracy ${percent(best.valAccuracy)}`
  const end = stopped ? 'Stopped' : early ? `Stopped early (${earlyText(early)})` : 'Done'
  print(`${end}, ${result}. Everything is in ${folder}`)
  for (const { message } of adviseRun(state)) say(message)
  return exitCodes.done
}

/** `validation loss no better than 0.1234 of epoch 7 for 5 epochs` */
function earlyText({ monitor, best, bestEpoch, patience }: EarlyStop): string {
  const value =
    monitor === 'valLoss'
      ? `loss no better than ${best.toFixed(4)}`
      : `accuracy no better than ${percent(best)}`
  return `validation ${value} of epoch ${bestEpoch} for ${patience} ${patience === 1 ? 'epoch' : 'epochs'}`
}
