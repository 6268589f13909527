/**
 * Cuts a stream of dispatches into submits of about 50 ms, measured as it goes: a GPU is shared with the screen, and Windows
 * resets one that does not answer for 2 s. Two submits are under way at a time, so that the device never waits for us.
 */
import type { DeviceGuard } from './deviceGuard'

const targetMilliseconds = 50
/** Assumed until measured: a slow integrated GPU. */
const startWorkPerMillisecond = 1e6
/** Under Node, Dawn looks for finished work in a busy loop: it is asked only when this part of the expected time is over. */
const restBeforeAsking = 0.8
/** A timer is not worth less. */
const shortestRest = 2

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

interface Submitted {
  work: number
  /** When. */
  submitted: number
}

export class Submitter {
  private workPerMillisecond = startWorkPerMillisecond
  private encoder: GPUCommandEncoder | null = null
  private pass: GPUComputePassEncoder | null = null
  private work = 0
  /** The last submit, until it is known to be done. */
  private running: Submitted | null = null
  private lastDone = 0
  /** The last measurement was about what was expected, so that resting is safe. */
  private settled = false

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

  /** Hands over what was added, when all but the submit before this one is done; resolves when more may be added. */
  async submit(): Promise<void> {
    if (!this.encoder) return
    this.pass?.end()
    const { queue } = this.guard.device
    const commands = this.encoder.finish()
    const { running, work } = this
    this.encoder = null
    this.pass = null
    this.work = 0
    if (running) await this.rest(running)
    // Asked before the next submit: the answer is for what was submitted so far.
    const done = running && this.done(running)
    queue.submit([commands])
    this.running = { work, submitted: performance.now() }
    await done
  }

  /** Until the submit is about to be done. */
  private async rest({ work, submitted }: Submitted): Promise<void> {
    if (!this.settled) return
    const expected = Math.min(work / this.workPerMillisecond, targetMilliseconds)
    const due = Math.max(submitted, this.lastDone) + restBeforeAsking * expected - performance.now()
    if (due >= shortestRest) await this.guard.wait(new Promise<void>((resolve) => setTimeout(resolve, due)))
  }

  /** Waits for all that was submitted, `running` being the last of it. */
  private async done(running: Submitted): Promise<void> {
    const asked = performance.now()
    await this.guard.wait(this.guard.device.queue.onSubmittedWorkDone())
    this.measure(running, asked)
  }

  private measure({ work, submitted }: Submitted, asked: number): void {
    const done = performance.now()
    const milliseconds = Math.max(0.1, done - Math.max(submitted, this.lastDone))
    this.lastDone = done
    const measured = work / milliseconds
    const ratio = measured / this.workPerMillisecond
    // Done when asked, at once: it may have been for long.
    this.settled = ratio > 0.5 && ratio < 2 && done - asked > 1
    // A short submit is mostly latency: it may only prove the device faster. Faster goes by at most a factor of two.
    if (ratio > 1 || milliseconds > targetMilliseconds / 4) this.workPerMillisecond *= Math.min(ratio, 2)
  }

  /** Submits what is left and waits for all of it. */
  async finish(): Promise<void> {
    await this.submit()
    const { running } = this
    if (!running) return
    this.running = null
    await this.rest(running)
    await this.done(running)
  }
}
