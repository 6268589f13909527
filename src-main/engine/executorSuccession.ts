/** Who goes on when an executor has failed in the middle of a run. */
import type { ExecutorChoice, ExecutorInfo } from '#shared/engine/executor'
import type { TrainerPosition } from '#shared/engine/protocol'
import { InterlockError, toInterlockError } from '#shared/issues/errors'
import { positionText } from '#shared/training/position'

export interface NextExecutor {
  choice: ExecutorChoice
  threads: number | null
  /** What happened, for a person to read; null for the first of a run. */
  interruption: string | null
  /** A driver that was reset needs a moment before it gives a device again. */
  waitMs: number
}

const driverRestMs = 1000

/**
 * In `auto`, a lost device is opened once more; the second loss, or any other failure, leaves the run to the CPU. A device that was
 * asked for by name is not replaced. A CPU executor that lost a thread is started afresh, the second time with one thread,
 * which has no other to lose.
 */
export class ExecutorSuccession {
  private deviceLosses = 0
  private threadLosses = 0

  constructor(
    private readonly choice: ExecutorChoice,
    private readonly threads: number | null,
  ) {}

  /** Whether an executor broke, as against a run or a request that is no good. */
  isFailure(thrown: unknown): boolean {
    return thrown instanceof InterlockError && ['DEVICE_LOST', 'CPU_THREAD_LOST'].includes(thrown.code)
  }

  /** Null where nobody does, and the run ends with what was thrown. */
  after(thrown: unknown, failed: ExecutorInfo | null, position: TrainerPosition): NextExecutor | null {
    const { code, message } = toInterlockError(thrown)
    if (failed === null || code === 'RUN_DIVERGED') return null
    const goesOn = (choice: ExecutorChoice, threads: number | null, how: string): NextExecutor => ({
      choice,
      threads,
      interruption: `${failed.name} failed (${message}) ${how} from ${positionText(position)}.`,
      waitMs: choice === 'auto' ? driverRestMs : 0,
    })
    if (failed.kind === 'webgpu') {
      if (this.choice !== 'auto') return null
      if (code !== 'DEVICE_LOST') return goesOn('cpu', this.threads, 'The CPU goes on')
      return ++this.deviceLosses === 1
        ? goesOn('auto', this.threads, 'The run goes on')
        : goesOn('cpu', this.threads, 'It was lost twice in this run, so the CPU goes on')
    }
    if (code !== 'CPU_THREAD_LOST' || ++this.threadLosses > 2) return null
    return this.threadLosses === 1
      ? goesOn('cpu', this.threads, 'With new threads it goes on')
      : goesOn('cpu', 1, 'With a single thread it goes on')
  }
}
