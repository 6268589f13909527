/** Interleaved rounds: every contestant works for about as long, one after the other, again and again. */
import type { Contestant, Timing } from './contestant'
import { median } from './statistics'

/** Who took part. */
export interface Entry {
  work: string
  /** `cpu` or `webgpu` for ours; the peer's name else. */
  who: string
  /** A peer: the one of ours that it is compared with. */
  against: 'cpu' | 'webgpu' | null
  /** A peer that can be given several threads is compared at equal threads only. */
  anyThreads: boolean
  threads: number
  wide: boolean
}

export interface Measured extends Entry {
  name: string
  imagesPerSecond: number
  /** Images per second of processor time, all threads together: steadier where others use the machine too. */
  imagesPerCpuSecond: number
  memory: number
}

export interface Running {
  entry: Entry
  contestant: Contestant
}

/** Once is more than so many rounds' time: no more than one round then. */
const slow = 8

/** How often to run for a round of about `seconds`. Warms up on the way: compilers need some runs, caches too. */
async function warmUp(contestant: Contestant, seconds: number): Promise<{ count: number; once: number }> {
  let count = 1
  for (;;) {
    const timing = await contestant.run(count)
    const once = timing.seconds / count
    if (timing.seconds > seconds / 2) return { count: Math.max(1, Math.round(seconds / once)), once }
    count = Math.ceil(count * Math.min(8, (0.8 * seconds) / timing.seconds))
  }
}

/** Lets each run for `seconds` a round, after a warm-up; medians over the rounds. A run takes `images` images. */
export async function measure(
  running: readonly Running[],
  images: number,
  rounds: number,
  seconds: number,
): Promise<Measured[]> {
  const lanes: { running: Running; count: number; rounds: number; timings: Timing[] }[] = []
  for (const one of running) {
    const { count, once } = await warmUp(one.contestant, seconds)
    lanes.push({ running: one, count, rounds: once > slow * seconds ? 1 : rounds, timings: [] })
  }
  for (let round = 0; round < rounds; round++) {
    for (const lane of lanes) {
      if (round < lane.rounds) lane.timings.push(await lane.running.contestant.run(lane.count))
    }
  }
  return lanes.map(({ running: { entry, contestant }, count, timings }) => ({
    ...entry,
    name: contestant.about.name,
    wide: contestant.about.wide ?? false,
    imagesPerSecond: median(timings.map((timing) => (count * images) / timing.seconds)),
    imagesPerCpuSecond: median(timings.map((timing) => (count * images) / timing.cpuSeconds)),
    memory: timings.at(-1)!.memory,
  }))
}
