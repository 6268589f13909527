import type { ProgressEvent } from '#shared/engine/protocol'

const intervalMs = 100

interface ReporterOptions {
  runId: string
  /** Training images of an epoch. */
  total: number
  emit(event: ProgressEvent): void
}

interface ReportedStep {
  loss: number
  accuracy: number
  learningRate: number
}

/** Gathers the steps of a run and tells of them at most ten times a second, and at the end of each epoch. */
export class ProgressReporter {
  private steps: number[] = []
  private losses: number[] = []
  private accuracies: number[] = []
  private learningRate = 0
  private lastReport = -Infinity
  private imagesPerSecond = 0
  /** Where images per second are measured from. */
  private mark = { time: 0, done: 0 }

  constructor(private readonly options: ReporterOptions) {}

  /** `done`: images of the epoch that were done before (in a resumed run, after a pause). Steps not yet told of are forgotten. */
  startEpoch(done: number): void {
    this.clear()
    this.mark = { time: performance.now(), done }
  }

  add(step: number, { loss, accuracy, learningRate }: ReportedStep): void {
    this.steps.push(step)
    this.learningRate = learningRate
    this.losses.push(loss)
    this.accuracies.push(accuracy)
  }

  /** `done`: training images done in this epoch. */
  report(epoch: number, done: number): void {
    const early = performance.now() - this.lastReport < intervalMs
    if (!early || done >= this.options.total) this.reportNow(epoch, done)
  }

  /** Tells of all steps so far. */
  reportNow(epoch: number, done: number): void {
    if (this.steps.length === 0) return
    const { runId, total, emit } = this.options
    const now = performance.now()
    const seconds = (now - this.mark.time) / 1000
    if (seconds > 0) this.imagesPerSecond = (done - this.mark.done) / seconds
    this.mark = { time: now, done }
    this.lastReport = now
    emit({
      type: 'progress',
      runId,
      epoch,
      done,
      total,
      steps: Uint32Array.from(this.steps),
      losses: Float32Array.from(this.losses),
      accuracies: Float32Array.from(this.accuracies),
      imagesPerSecond: this.imagesPerSecond,
      learningRate: this.learningRate,
    })
    this.clear()
  }

  private clear(): void {
    this.steps = []
    this.losses = []
    this.accuracies = []
  }
}
