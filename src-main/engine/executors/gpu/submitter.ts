/**
 * Cuts a stream of dispatches into submits of about 50 ms, measured as it goes: a GPU is shared with the screen, and Windows
 * resets one that does not answer for 2 s. Two submits are under way at a time, so that the device never waits for us.
 */
import type { DeviceGuard } from './deviceGuard'

const targetMilliseconds = 50
/** Assumed until measured: a slow integrated GPU. */
const startWorkPerMillisecond = 1e6
const mostInFlight = 2

/** One dispatch with everything bound but the step. */
export interface Command {
  pipeline: GPUComputePipeline
  workgroups: readonly [number, number, number]
  work: number
  buffers: GPUBindGroup
  step: GPUBindGroup
  bases: GPUBindGroup
  basesOffset: number
}

export class Submitter {
  private workPerMillisecond = startWorkPerMillisecond
  private encoder: GPUCommandEncoder | null = null
  private pass: GPUComputePassEncoder | null = null
  private work = 0
  private inFlight: Promise<void>[] = []
  private lastDone = 0

  constructor(private readonly guard: DeviceGuard) {}

  /** Whether this much more would make the submit too long: submit first. */
  isFull(work: number): boolean {
    return this.work > 0 && this.work + work > targetMilliseconds * this.workPerMillisecond
  }

  /** `stepOffset`: bytes to the step's numbers. */
  add(command: Command, stepOffset: number): void {
    this.encoder ??= this.guard.device.createCommandEncoder()
    this.pass ??= this.encoder.beginComputePass()
    this.pass.setPipeline(command.pipeline)
    this.pass.setBindGroup(0, command.buffers)
    this.pass.setBindGroup(1, command.step, [stepOffset])
    this.pass.setBindGroup(2, command.bases, [command.basesOffset])
    this.pass.dispatchWorkgroups(...command.workgroups)
    this.work += command.work
  }

  /** Hands over what was added; resolves when more may be. */
  async submit(): Promise<void> {
    if (!this.encoder) return
    this.pass?.end()
    const { queue } = this.guard.device
    queue.submit([this.encoder.finish()])
    const { work } = this
    const submitted = performance.now()
    this.inFlight.push(queue.onSubmittedWorkDone().then(() => this.measure(work, submitted)))
    this.encoder = null
    this.pass = null
    this.work = 0
    if (this.inFlight.length >= mostInFlight) await this.guard.wait(this.inFlight.shift()!)
  }

  private measure(work: number, submitted: number): void {
    const done = performance.now()
    const milliseconds = Math.max(0.1, done - Math.max(submitted, this.lastDone))
    this.lastDone = done
    const measured = work / milliseconds
    // A short submit is mostly latency: it may only prove the device faster. Faster goes by at most a factor of two.
    if (measured > this.workPerMillisecond || milliseconds > targetMilliseconds / 4)
      this.workPerMillisecond = Math.min(measured, 2 * this.workPerMillisecond)
  }

  /** Submits what is left and waits for all of it. */
  async finish(): Promise<void> {
    await this.submit()
    await this.guard.wait(Promise.all(this.inFlight))
    this.inFlight = []
  }
}
