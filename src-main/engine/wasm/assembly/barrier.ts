/**
 * The meeting point of all threads between two parts of a step. Words in shared memory at `at`: arrived, generation,
 * sleepers, abort. Spins briefly (a pass is short), then sleeps.
 */
/** About 20 µs, what a sleep and a wake-up cost. */
const SPINS: i32 = 20_000

/** Returns false when a thread has failed and everybody must stop. */
export function barrier(at: usize, threads: i32): bool {
  if (threads == 1) return true
  const generation = atomic.load<i32>(at, 4)
  if (atomic.add<i32>(at, 1) == threads - 1) {
    atomic.store<i32>(at, 0)
    atomic.add<i32>(at, 1, 4)
    if (atomic.load<i32>(at, 8) > 0) atomic.notify(at + 4, -1)
    return atomic.load<i32>(at, 12) == 0
  }
  for (let i = 0; i < SPINS; i++) {
    if (atomic.load<i32>(at, 4) != generation) return atomic.load<i32>(at, 12) == 0
  }
  atomic.add<i32>(at, 1, 8)
  while (atomic.load<i32>(at, 4) == generation && atomic.load<i32>(at, 12) == 0) {
    atomic.wait<i32>(at + 4, generation, 100_000_000)
  }
  atomic.sub<i32>(at, 1, 8)
  return atomic.load<i32>(at, 12) == 0
}
