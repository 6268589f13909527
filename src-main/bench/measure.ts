/** Interleaved rounds: every contestant trains for about as long, one after the other, again and again. */
import type { Contestant, Timing } from './contestant'
import { median } from './statistics'

/** Who took part, and what came out. */
export interface Entry {
  work: string
  /** `cpu` or `webgpu` for ours; the peer's name else. */
  who: string
  peer: boolean
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

/** Trains each for `seconds` a round, after a warm-up; medians over the rounds. */
export async function measure(
  running: readonly Running[],
  batchSize: number,
  rounds: number,
  seconds: number,
): Promise<Measured[]> {
  const lanes: { running: Running; steps: number; timings: Timing[] }[] = []
  for (const one of running) {
    const first = await one.contestant.train(1)
    // Compilers need some steps; who takes seconds for one has had its warm-up.
    const warm = first.seconds > seconds ? first : await one.contestant.train(5)
    const perStep = warm === first ? first.seconds : warm.seconds / 5
    lanes.push({ running: one, steps: Math.max(1, Math.round(seconds / perStep)), timings: [] })
  }
  for (let round = 0; round < rounds; round++) {
    for (const lane of lanes) lane.timings.push(await lane.running.contestant.train(lane.steps))
  }
  return lanes.map(({ running: { entry, contestant }, steps, timings }) => ({
    ...entry,
    name: contestant.about.name,
    wide: contestant.about.wide ?? false,
    imagesPerSecond: median(timings.map((timing) => (steps * batchSize) / timing.seconds)),
    imagesPerCpuSecond: median(timings.map((timing) => (steps * batchSize) / timing.cpuSeconds)),
    memory: timings.at(-1)!.memory,
  }))
}
