/**
 * How many steps to hand to the executor at once, so that a call takes about {@link targetSeconds}: long enough that calls cost
 * nothing, short enough that Stop and progress feel immediate and that no submit holds the graphics processor.
 */
const targetSeconds = 0.075

export class StepPacer {
  private steps = 1

  /** Steps of the next call. */
  get next(): number {
    return Math.max(1, Math.floor(this.steps))
  }

  /** Learns from a call that ran `steps` steps in `seconds`; grows at most twofold, shrinks at once. */
  record(steps: number, seconds: number): void {
    const ideal = (steps * targetSeconds) / Math.max(seconds, 1e-6)
    this.steps = Math.max(1, Math.min(ideal, steps * 2))
  }
}
