import { Command, Option } from 'commander'
import { InterlockError } from '#shared/issues/errors'
import { templateByName, templates } from '#shared/templates/index'
import { benchForecast } from '../bench/forecast'
import { runBench, type BenchReport } from '../bench/runBench'
import { contestWork, type ContestantExecutor, type ContestantTask } from '../bench/contestWork'
import type { ScreenReport, Times } from '../bench/screen'
import { works } from '../bench/works'
import { integer, positiveNumber } from './arguments'
import { exitCodes, type ExitCode } from './exitCode'
import { grouped, print, printJson, say, table } from './terminal'

interface BenchOptions {
  peers?: true
  screen?: true
  forecast?: true | string[]
  json?: true
  work?: string[]
  rounds?: number
  seconds: number
  contestant?: string[]
}

export function benchCommand(run: (work: () => Promise<ExitCode>) => void): Command {
  return new Command('bench')
    .description("the engine's speed, with peers beside it in the same run, and the window's")
    .option('--peers', 'PyTorch, TensorFlow.js and jax-js too, where they are installed')
    .option('--screen', "the window's frame times too, in Chromium")
    .option(
      '--forecast [template...]',
      "only how well an epoch's time is told beforehand, for all templates or these; 5 rounds",
    )
    .option('--work <name...>', `some of ${works.map(({ name }) => name).join(', ')}`)
    .option('--rounds <n>', 'interleaved rounds, whose median counts (default: 7)', integer(1, 1000))
    .option('--seconds <x>', 'how long each trains in a round', positiveNumber, 0.5)
    .option('--json', 'the report as JSON on stdout')
    .addOption(new Option('--contestant <words...>').hideHelp())
    .action((options: BenchOptions) => run(() => bench(options)))
}

async function bench({ contestant, ...options }: BenchOptions): Promise<ExitCode> {
  if (contestant !== undefined) {
    const [work = '', task = 'train', executor = 'cpu', threads = '1', width] = contestant
    await contestWork(
      work,
      task as ContestantTask,
      executor as ContestantExecutor,
      Number(threads),
      width === 'wide',
    )
    return exitCodes.done
  }
  if (options.forecast !== undefined) return forecast(options.forecast, options)
  const names = works.map(({ name }) => name)
  const unknown = options.work?.find((name) => !names.includes(name))
  if (unknown !== undefined) {
    const details = { what: '--work', expected: names.join(', '), found: unknown }
    throw new InterlockError('ARGUMENT_INVALID', details)
  }
  const { rounds = 7, seconds, peers = false, screen = false } = options
  const report = await runBench({ works: options.work ?? names, peers, screen, rounds, seconds, say })
  if (options.json === true) printJson(report)
  else printReport(report)
  return exitCodes.done
}

async function forecast(
  names: true | string[],
  { rounds = 5, json }: Pick<BenchOptions, 'rounds' | 'json'>,
): Promise<ExitCode> {
  const chosen = names === true ? templates : names.map(templateByName)
  const results = await benchForecast(chosen, rounds, say)
  if (json === true) {
    printJson({ forecast: results })
    return exitCodes.done
  }
  const seconds = (value: number) => value.toFixed(2)
  const rows = results.map(({ template, executor, images, forecastSeconds, measuredSeconds, error }) => [
    ...[template, executor, grouped(images), seconds(forecastSeconds), seconds(measuredSeconds)],
    `${error < 0 ? '−' : '+'}${Math.abs(error * 100).toFixed(0)} %`,
  ])
  print(table([['template', 'executor', 'images', 'told, s', 'took, s', 'error'], ...rows], [2, 3, 4, 5]))
  return exitCodes.done
}

function printReport(report: BenchReport): void {
  const { machine, results, peers, ratios, scaling, memory, predict, ...rest } = report
  const { cpu, cores, node, loadAverage } = machine
  print(`${cpu}, ${cores} cores, Node ${node}, load ${loadAverage.toFixed(1)}`)
  const speed = (value: number) => grouped(Math.round(value))
  const mode = (wide: boolean) => (wide ? 'wide' : 'narrow')
  const who = (name: string, wide: boolean) => (name === 'cpu' ? `cpu ${mode(wide)}` : name)
  const share = (work: string, threads: number, wide: boolean) => {
    const found = rest.peakShare.find(
      (one) => one.work === work && one.threads === threads && one.wide === wide,
    )
    return found ? `${(found.share * 100).toFixed(0)} %` : ''
  }
  print(
    table(
      [
        ['work', 'who', 'threads', 'images/s', 'per CPU second', 'of peak'],
        ...results.map(({ work, executor, threads, wide, imagesPerSecond, imagesPerCpuSecond }) => [
          work,
          who(executor, wide),
          String(threads),
          speed(imagesPerSecond),
          speed(imagesPerCpuSecond),
          executor === 'cpu' ? share(work, threads, wide) : '',
        ]),
        ...peers.map(({ work, peer, threads, imagesPerSecond, imagesPerCpuSecond }) => [
          ...[work, peer, String(threads), speed(imagesPerSecond), speed(imagesPerCpuSecond), ''],
        ]),
      ],
      [2, 3, 4, 5],
    ),
  )
  if (ratios.length > 0) {
    print('\nOurs over theirs, by time and by processor time')
    print(
      table(
        ratios.map(({ work, executor, threads, wide, peer, peerThreads, ratio, cpuRatio }) => [
          ...[work, who(executor, wide), String(threads), `${peer}, ${peerThreads}`],
          ...[`${ratio.toFixed(2)} ×`, `${cpuRatio.toFixed(2)} ×`],
        ]),
        [2, 4, 5],
      ),
    )
  }
  if (scaling.length > 0) {
    print('\nTwo threads over one')
    print(
      table(
        scaling.map(({ work, wide, factor }) => [work, mode(wide), `${factor.toFixed(2)} ×`]),
        [2],
      ),
    )
  }
  print('\nMemory above the idle process, MB')
  print(
    table(
      memory.map(({ work, who: name, threads, wide, bytes }) => [
        ...[work, who(name, wide), String(threads), speed(bytes / 2 ** 20)],
      ]),
      [2, 3],
    ),
  )
  if (predict.length > 0) {
    print('\nOne image through the loaded network, microseconds')
    print(
      table(
        predict.map(({ work, who: name, threads, wide, microseconds, cpuMicroseconds, ...than }) => [
          ...[work, who(name, wide), String(threads), speed(microseconds), speed(cpuMicroseconds)],
          than.timesPeer === undefined ? '' : `${than.timesPeer.toFixed(2)} × ${than.peer}'s`,
        ]),
        [2, 3, 4],
      ),
    )
  }
  print(`First loss after ${rest.firstLossSeconds.toFixed(2)} s`)
  if (rest.screen) printScreen(rest.screen)
}

function printScreen({ browser, firstPaintSeconds, blocksShownSeconds, ...rest }: ScreenReport): void {
  const milliseconds = (value: number) => value.toFixed(1)
  const cells = ({ median, p95, worst }: Times) => [median, p95, worst].map(milliseconds)
  print(`\nThe window in Chromium ${browser}, milliseconds`)
  print(
    table(
      [
        ['', 'median', '95 %', 'worst', 'input waits, 95 %'],
        ['fit after one edit', ...cells(rest.fit), ''],
        ['edit to frame', ...cells(rest.editToFrame), ''],
        ...rest.frames.map(({ work, inputDelay, ...times }) => [
          `frame: ${work}`,
          ...cells(times),
          inputDelay ? milliseconds(inputDelay.p95) : '',
        ]),
      ],
      [1, 2, 3, 4],
    ),
  )
  const { stepsPerSecond, drawingsPerSecond } = rest.training
  print(
    `First paint after ${firstPaintSeconds.toFixed(2)} s, blocks after ${blocksShownSeconds.toFixed(2)} s`,
  )
  print(
    `LeNet meanwhile: ${stepsPerSecond.toFixed(0)} steps/s, curves drawn ${drawingsPerSecond.toFixed(1)} times/s`,
  )
}
