/**
 * The meeting point of all threads between two parts of a step. Words in shared memory at `at`: arrived, generation,
 * sleepers, abort. Spins briefly (a pass is short), then sleeps, but never for long: a thread that has died arrives at no
 * barrier, and whoever waits for it must be able to look after it.
 */
/** About 20 µs, what a sleep and a wake-up cost. */
const SPINS: i32 = 20_000
/** Nanoseconds of one sleep. */
const SLEEP: i64 = 200_000_000

/** What a thread learns at the barrier: a thread has failed and everybody must stop; all have met; others are still missing. */
const FAILED: i32 = 0
const MET: i32 = 1
const LATE: i32 = 2

/** LATE: wait on with {@link barrierWait}. */
export function barrier(at: usize, threads: i32): i32 {
  if (threads == 1) return MET
  const generation = atomic.load<i32>(at, 4)
  if (atomic.add<i32>(at, 1) == threads - 1) {
    atomic.store<i32>(at, 0)
    atomic.add<i32>(at, 1, 4)
    if (atomic.load<i32>(at, 8) > 0) atomic.notify(at + 4, -1)
    return atomic.load<i32>(at, 12) == 0 ? MET : FAILED
  }
  for (let i = 0; i < SPINS; i++) {
    if (atomic.load<i32>(at, 4) != generation) return atomic.load<i32>(at, 12) == 0 ? MET : FAILED
  }
  return barrierWait(at, generation)
}

/** Waits for the end of a generation, at most {@link SLEEP}. */
export function barrierWait(at: usize, generation: i32): i32 {
  atomic.add<i32>(at, 1, 8)
  if (atomic.load<i32>(at, 4) == generation && atomic.load<i32>(at, 12) == 0)
    atomic.wait<i32>(at + 4, generation, SLEEP)
  atomic.sub<i32>(at, 1, 8)
  if (atomic.load<i32>(at, 12) != 0) return FAILED
  return atomic.load<i32>(at, 4) == generation ? LATE : MET
}
