/** The benchmark: ours in every mode beside the peers, in the same rounds. Shapes as in the design's `bench --json`. */
import { availableParallelism, cpus, loadavg } from 'node:os'
import { Contestant } from './contestant'
import { firstLossSeconds } from './firstLoss'
import { measure, type Entry, type Measured, type Running } from './measure'
import { corePeak, trainingMacs } from './peak'
import { findPeers, type Peer } from './peers'
import { measureScreen, type ScreenReport } from './screen'
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

const threadCounts = availableParallelism() > 1 ? [1, 2] : [1]

/** This very program, as a contestant. */
function own(work: string, executor: string, threads: number, wide: boolean): [string, string[]] {
  const one = ['bench', '--contestant', work, executor, String(threads), wide ? 'wide' : 'narrow']
  return [process.execPath, [process.argv[1]!, ...one]]
}

async function startAll(work: Work, peers: readonly Peer[], say: (line: string) => void): Promise<Running[]> {
  const running: Running[] = []
  const start = async (entry: Entry, file: string, args: readonly string[]): Promise<boolean> => {
    try {
      const contestant = await Contestant.start(file, args)
      // Asked for wide, but it cannot be: the narrow one is there already.
      if (entry.wide && contestant.about.wide !== true) {
        contestant.end()
        return false
      }
      running.push({ entry, contestant })
      return true
    } catch (thrown) {
      say(`${work.name}: no ${entry.who}: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
      return false
    }
  }
  const mine = { work: work.name, peer: false }
  for (const threads of threadCounts) {
    for (const wide of [true, false]) {
      await start({ ...mine, who: 'cpu', threads, wide }, ...own(work.name, 'cpu', threads, wide))
    }
  }
  await start({ ...mine, who: 'webgpu', threads: 1, wide: false }, ...own(work.name, 'webgpu', 1, false))
  for (const peer of peers.filter((candidate) => candidate.works.includes(work.name))) {
    for (const threads of peer.threads.filter((count) => count === 1 || threadCounts.includes(count))) {
      const entry = { work: work.name, who: peer.name, peer: true, threads, wide: false }
      if (!(await start(entry, peer.file, peer.args(work.name, threads)))) break
    }
  }
  return running
}

/** Ours over each peer at equal threads; peers that have one thread only are compared with all of ours. */
function ratiosOf(measured: readonly Measured[]) {
  const peers = measured.filter(({ peer }) => peer)
  return measured
    .filter(({ peer }) => !peer)
    .flatMap((ours) =>
      peers
        .filter(
          ({ work, who, threads }) =>
            work === ours.work && (threads === ours.threads || !['pytorch'].includes(who)),
        )
        .map((theirs) => ({
          work: ours.work,
          executor: ours.who,
          threads: ours.threads,
          wide: ours.wide,
          peer: theirs.who,
          peerThreads: theirs.threads,
          ratio: ours.imagesPerSecond / theirs.imagesPerSecond,
          cpuRatio: ours.imagesPerCpuSecond / theirs.imagesPerCpuSecond,
        })),
    )
}

function scalingOf(measured: readonly Measured[]) {
  return measured
    .filter(({ threads, peer }) => threads === 2 && !peer)
    .flatMap((two) => {
      const one = measured.find(
        ({ work, who, wide, threads }) =>
          work === two.work && who === two.who && wide === two.wide && threads === 1,
      )
      const factor = one ? two.imagesPerSecond / one.imagesPerSecond : NaN
      return one ? [{ work: two.work, wide: two.wide, from: 1, to: 2, factor }] : []
    })
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
  const { works: wanted, peers: withPeers, screen: withScreen, rounds, seconds, say } = settings
  const { peers, missing } = withPeers ? await findPeers() : { peers: [], missing: [] }
  missing.forEach(say)
  const chosen = works.filter(({ name }) => wanted.includes(name))
  const measured: Measured[] = []
  for (const work of chosen) {
    say(`${work.name} …`)
    const running = await startAll(work, peers, say)
    try {
      measured.push(...(await measure(running, work.batchSize, rounds, seconds)))
    } finally {
      for (const { contestant } of running) contestant.end()
    }
  }
  const peak = await corePeak()
  const ours = measured.filter(({ peer }) => !peer)
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
      .filter(({ peer }) => peer)
      .map(({ work, who, threads, imagesPerSecond, imagesPerCpuSecond }) => ({
        ...{ work, peer: who, threads, imagesPerSecond, imagesPerCpuSecond },
      })),
    ratios: ratiosOf(measured),
    scaling: scalingOf(measured),
    memory: measured
      .filter(({ who }) => who === 'cpu' || who === 'pytorch')
      .map(({ work, who, threads, wide, memory }) => ({ work, who, threads, wide, bytes: memory })),
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
