/** The benchmark: ours in every mode beside the peers, in the same rounds. Shapes as in the design's `bench --json`. */
import { availableParallelism, cpus, loadavg } from 'node:os'
import { probeWebGpu } from '../engine/executors/webgpu'
import { Contestant } from './contestant'
import { firstLossSeconds } from './firstLoss'
import { predictionsOf, ratiosOf, scalingOf } from './compare'
import { measure, type Entry, type Measured, type Running } from './measure'
import { corePeak, trainingMacs } from './peak'
import { findPeers, type FoundPeers, type Peer } from './peers'
import { measureScreen, type ScreenReport } from './screen'
import { softwareAdapter } from './softwareAdapter'
import type { ContestantTask } from './contestWork'
import { works, type Work } from './works'

export interface BenchSettings {
  works: readonly string[]
  peers: boolean
  screen: boolean
  rounds: number
  seconds: number
  /** One line for people, while it goes on. */
  say(line: string): void
}

/** Works whose single images are predicted too. */
const predictWorks = ['lenet-b64']

const threadCounts = availableParallelism() > 1 ? [1, 2] : [1]

/** This very program, as a contestant. */
function own(work: string, task: ContestantTask, executor: string, threads: number, wide: boolean): string[] {
  const one = ['bench', '--contestant', work, task, executor, String(threads), wide ? 'wide' : 'narrow']
  return [process.argv[1]!, ...one]
}

/** Those that came up; of the others a line says why not. */
class Lineup {
  readonly running: Running[] = []

  constructor(
    private readonly work: string,
    private readonly say: (line: string) => void,
  ) {}

  async add(
    entry: Omit<Entry, 'work'>,
    file: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
  ): Promise<boolean> {
    try {
      const contestant = await Contestant.start(file, args, env)
      // Asked for wide, but it cannot be: the narrow one is there already.
      if (entry.wide && contestant.about.wide !== true) {
        contestant.end()
        return false
      }
      this.running.push({ entry: { ...entry, work: this.work }, contestant })
      return true
    } catch (thrown) {
      this.say(`${this.work}: no ${entry.who}: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
      return false
    }
  }

  async addOwn(task: ContestantTask, who: string, threads: number, wide: boolean, env?: NodeJS.ProcessEnv) {
    const entry = { who, threads, wide, against: null, anyThreads: false }
    return this.add(entry, process.execPath, own(this.work, task, who, threads, wide), env)
  }

  end(): void {
    for (const { contestant } of this.running) contestant.end()
  }
}

const cpuModes = threadCounts.flatMap((threads) => [true, false].map((wide) => ({ threads, wide })))

/** A real graphics adapter, or else the software one: for ours and for the peers that compute there. */
async function gpuEnvironment(): Promise<NodeJS.ProcessEnv> {
  const { available } = await probeWebGpu()
  return available ? {} : (softwareAdapter() ?? {})
}

/** Training, ours in every mode beside the peers. */
async function measureTraining(
  work: Work,
  peers: readonly Peer[],
  { rounds, seconds, say }: BenchSettings,
): Promise<Measured[]> {
  const lineup = new Lineup(work.name, say)
  try {
    for (const { threads, wide } of cpuModes) await lineup.addOwn('train', 'cpu', threads, wide)
    const gpu = await gpuEnvironment()
    await lineup.addOwn('train', 'webgpu', 1, false, gpu)
    for (const peer of peers.filter(({ works: able }) => able.includes(work.name))) {
      for (const threads of peer.threads.filter((count) => threadCounts.includes(count))) {
        const { name: who, against } = peer
        const entry = { who, threads, wide: false, against, anyThreads: peer.threads.length > 1 }
        const env = against === 'webgpu' ? gpu : {}
        if (!(await lineup.add(entry, peer.file, peer.args(work.name, threads), env))) break
      }
    }
    return await measure(lineup.running, work.batchSize, rounds, seconds)
  } finally {
    lineup.end()
  }
}

/** One image at a time through the loaded network. */
async function measurePredicting(
  work: Work,
  predictor: FoundPeers['predictor'],
  { rounds, seconds, say }: BenchSettings,
): Promise<Measured[]> {
  const lineup = new Lineup(work.name, say)
  try {
    for (const { threads, wide } of cpuModes) await lineup.addOwn('predict', 'cpu', threads, wide)
    if (predictor) {
      const { name: who, file, args } = predictor
      const entry = { who, threads: 1, wide: false, against: 'cpu', anyThreads: false } as const
      await lineup.add(entry, file, args(work.name, 1))
    }
    return await measure(lineup.running, 1, rounds, seconds)
  } finally {
    lineup.end()
  }
}

/** Null with a line about why, where it cannot be measured. */
async function screenOrNull(say: (line: string) => void): Promise<ScreenReport | null> {
  try {
    return await measureScreen(3, say)
  } catch (thrown) {
    say(`No figures of the window: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
    return null
  }
}

export async function runBench(settings: BenchSettings) {
  const { works: wanted, peers: withPeers, screen: withScreen, say } = settings
  const found: FoundPeers = withPeers ? await findPeers() : { peers: [], predictor: null, missing: [] }
  found.missing.forEach(say)
  const measured: Measured[] = []
  for (const work of works.filter(({ name }) => wanted.includes(name))) {
    say(`${work.name}: training …`)
    measured.push(...(await measureTraining(work, found.peers, settings)))
  }
  const predicted: Measured[] = []
  for (const work of works.filter(({ name }) => wanted.includes(name) && predictWorks.includes(name))) {
    say(`${work.name}: one image at a time …`)
    predicted.push(...(await measurePredicting(work, found.predictor, settings)))
  }
  const peak = await corePeak()
  const ours = measured.filter(({ against }) => against === null)
  return {
    machine: {
      platform: process.platform,
      arch: process.arch,
      cpu: cpus()[0]?.model ?? '',
      cores: availableParallelism(),
      node: process.versions.node,
      loadAverage: loadavg()[0] ?? 0,
      peakMacsPerSecond: peak,
    },
    results: ours.map(({ work, who, threads, wide, imagesPerSecond, imagesPerCpuSecond }) => ({
      ...{ work, executor: who, threads, wide, imagesPerSecond, imagesPerCpuSecond },
    })),
    peers: measured
      .filter(({ against }) => against !== null)
      .map(({ work, who, threads, imagesPerSecond, imagesPerCpuSecond }) => ({
        ...{ work, peer: who, threads, imagesPerSecond, imagesPerCpuSecond },
      })),
    ratios: ratiosOf(measured),
    scaling: scalingOf(measured),
    memory: measured.map(({ work, who, threads, wide, memory }) => ({
      work,
      who,
      threads,
      wide,
      bytes: memory,
    })),
    predict: predictionsOf(predicted),
    firstLossSeconds: await firstLossSeconds(),
    peakShare: ours
      .filter(({ who }) => who === 'cpu')
      .map(({ work, threads, wide, imagesPerSecond, imagesPerCpuSecond }) => {
        const macs = trainingMacs(works.find(({ name }) => name === work)!)
        const share = (imagesPerSecond * macs) / (peak * threads)
        return { work, threads, wide, share, cpuShare: (imagesPerCpuSecond * macs) / peak }
      }),
    ...(withScreen ? { screen: await screenOrNull(say) } : {}),
  }
}

export type BenchReport = Awaited<ReturnType<typeof runBench>>
