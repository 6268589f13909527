/**
 * The CPU executor: WebAssembly SIMD kernels on one shared memory, one thread per core. `src-main/engine/wasm/README.md` tells
 * how layout, threads and determinism work.
 */
import { availableParallelism } from 'node:os'
import { setImmediate } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { Executor, ExecutorInfo, StepRequest, StepResult } from '#shared/engine/executor'
import type { Plan, PlanTensor } from '#shared/engine/plan'
import type { ImageSet, NamedTensor, Normalisation, Pixels } from '#shared/engine/tensors'
import { InterlockError, toInterlockError } from '#shared/issues/errors'
import { requireDrawn } from '../ops/gather/variant'
import { normalisationTensors } from '../plan/normalisation'
import { compileProgram, type MemoryMap } from '../wasm/compileProgram'
import { readLanes } from '../wasm/laneLayout'
import { loadKernels, type Kernels } from '../wasm/loadKernels'
import type { Program } from '../wasm/program'
import { ProgramThread, ThreadsStopped, type RunRequest, type SharedImages } from '../wasm/runProgram'
import { allocateMemory, writeArguments } from '../wasm/wasmMemory'
import { workerFile } from '../workerFile'
import type { ThreadAnswer, ThreadMessage } from './cpuThread'

/** More threads than this share work that is too small to gain. */
const maxThreads = 8

/** Multiply-adds of a step's forward pass below which one thread is faster (about half a millisecond). */
const smallWork = 1e7

interface Prepared {
  plan: Plan
  program: Program
  memory: MemoryMap
  floats: Float32Array
  thread: ProgramThread
  /** Weights were written since they were packed. */
  written: boolean
  /** Real images of the last step. */
  lastCount: number
}

function exitText(code: number): string {
  return `it exited with code ${code}`
}

/** The first message of a worker, or why there is none. */
function nextAnswer(worker: Worker): Promise<ThreadAnswer> {
  return new Promise((resolve, reject) => {
    const done = (): void => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit)
    }
    const onMessage = (answer: ThreadAnswer): void => {
      done()
      resolve(answer)
    }
    const onError = (error: Error): void => {
      done()
      reject(error)
    }
    const onExit = (code: number): void => {
      done()
      reject(new Error(exitText(code)))
    }
    worker.on('message', onMessage).on('error', onError).on('exit', onExit)
  })
}

async function startWorkers(count: number): Promise<Worker[]> {
  const workers = Array.from({ length: count }, () => new Worker(workerFile('cpuThread')))
  try {
    await Promise.all(workers.map(nextAnswer))
  } catch (error) {
    for (const worker of workers) void worker.terminate()
    throw error
  }
  return workers
}

function shared<A extends Pixels | Int32Array>(array: A): A {
  if (array.buffer instanceof SharedArrayBuffer) return array
  const type = array.constructor as new (buffer: SharedArrayBuffer) => A
  const copy = new type(new SharedArrayBuffer(array.byteLength))
  copy.set(array)
  return copy
}

class WasmExecutor implements Executor {
  private prepared: Prepared | null = null
  /** What ended a worker thread; nothing can be computed after that. */
  private failure: Error | null = null
  private readonly images = new Map<string, SharedImages>()
  private readonly imageValues = new Map<string, number>()

  constructor(
    readonly info: ExecutorInfo,
    private readonly kernels: Kernels,
    private readonly workers: readonly Worker[],
    /** May leave threads out where sharing a step would cost more than it saves. */
    private readonly adaptive: boolean,
    /** Most bytes of a plan. */
    private readonly memory: number | undefined,
  ) {
    // Noticed at the next call, or by the thread that waits; it must not end the process.
    for (const worker of workers) {
      worker.on('error', (error: Error) => (this.failure ??= error))
      worker.on('exit', (code) => (this.failure ??= new Error(exitText(code))))
      worker.on('message', (answer: ThreadAnswer) => {
        if (answer.type === 'failed') this.failure ??= new Error(answer.problem)
      })
      worker.unref()
    }
  }

  async prepare(plan: Plan): Promise<void> {
    this.assertAlive()
    this.prepared = null
    const threads = this.workers.length + 1
    const { module, micro } = this.kernels
    const { program, memory } = compileProgram(plan, threads, micro)
    const wasmMemory = allocateMemory(plan, program.bytes, threads, micro, this.memory)
    writeArguments(program, wasmMemory)
    const instance = new WebAssembly.Instance(module, { env: { memory: wasmMemory } })
    const ready = this.workers.map(nextAnswer)
    this.workers.forEach((worker, index) => {
      this.post(worker, { type: 'prepare', module, memory: wasmMemory, program, thread: index + 1 })
    })
    await Promise.all(ready).catch((thrown: Error) => this.threadLost(thrown))
    this.prepared = {
      plan,
      program,
      memory,
      floats: new Float32Array(wasmMemory.buffer),
      thread: new ProgramThread(program, instance.exports, wasmMemory, 0, this.images),
      written: true,
      lastCount: 0,
    }
  }

  /** Pixels and labels in a SharedArrayBuffer are used where they are; others are copied into one. */
  async loadImages(set: string, images: ImageSet): Promise<void> {
    this.assertAlive()
    const ours = { pixels: shared(images.pixels), labels: shared(images.labels) }
    this.images.set(set, ours)
    this.imageValues.set(set, images.height * images.width * images.channels)
    for (const worker of this.workers) this.post(worker, { type: 'images', set, images: ours })
  }

  async setNormalisation(normalisation: Normalisation): Promise<void> {
    await this.write(normalisationTensors(normalisation))
  }

  async write(tensors: readonly NamedTensor[]): Promise<void> {
    for (const { name, data } of tensors) {
      const place = this.place(name)
      if (data.length !== place.length) {
        throw new InterlockError('INTERNAL', {
          problem: `${name} has ${place.length} numbers, ${data.length} were written`,
        })
      }
      place.set(data)
    }
    this.require().written = true
  }

  async read(names: readonly string[]): Promise<NamedTensor[]> {
    const { memory, floats, lastCount, program } = this.require()
    const { blockImages } = program
    return names.map((name) => {
      const tensor = this.find(name)
      if (tensor?.arena !== 'activations') {
        const data = this.place(name).slice()
        return { name, shape: tensor?.shape ?? [data.length], data }
      }
      const first = memory.arenas.activations / 4 + tensor.offset * blockImages
      const data = readLanes(floats, first, memory.stride / 4, tensor.size, lastCount, blockImages)
      return { name, shape: [lastCount, ...tensor.shape], data }
    })
  }

  async run(request: StepRequest): Promise<StepResult> {
    this.assertAlive()
    const prepared = this.require()
    const { plan, program, thread } = prepared
    if (this.imageValues.get(request.set) !== program.imageValues) {
      const problem = `image set ${request.set} is missing, or its images do not have the network's input size`
      throw new InterlockError('INTERNAL', { problem })
    }
    requireDrawn(plan, request)
    const total = request.counts.reduce((sum, count) => sum + count, 0)
    const floats = (length: number): Float32Array => new Float32Array(new SharedArrayBuffer(length * 4))
    const work: RunRequest = {
      ...request,
      repack: prepared.written,
      threads: this.threadsFor(program, request.counts),
      losses: floats(total),
      correct: new Uint8Array(new SharedArrayBuffer(total)),
      probabilities: request.probabilities ? floats(total * plan.classes) : null,
    }
    const started = performance.now()
    for (const worker of this.workers.slice(0, work.threads - 1))
      this.post(worker, { type: 'run', request: work })
    try {
      for (const _late of thread.run(work)) {
        // The end of a thread is told in this thread's event loop.
        await setImmediate()
        this.assertAlive()
      }
    } catch (thrown) {
      thread.stopOthers()
      this.prepared = null
      if (!(thrown instanceof ThreadsStopped)) throw toInterlockError(thrown)
      await setImmediate()
      this.threadLost(this.failure ?? thrown)
    }
    const seconds = (performance.now() - started) / 1000
    prepared.written = false
    prepared.lastCount = request.counts.at(-1) ?? 0

    const losses = new Float32Array(request.counts.length)
    const correct = new Uint32Array(request.counts.length)
    let first = 0
    request.counts.forEach((count, step) => {
      let loss = 0
      for (let image = first; image < first + count; image++) {
        loss += work.losses[image]!
        correct[step]! += work.correct[image]!
      }
      losses[step] = loss / count
      first += count
    })
    return { losses, correct, probabilities: work.probabilities, seconds }
  }

  async dispose(): Promise<void> {
    this.prepared = null
    this.images.clear()
    await Promise.all(this.workers.map((worker) => worker.terminate()))
  }

  private threadsFor(program: Program, counts: Uint32Array): number {
    const { blockImages, macs } = program
    const blocks = Math.ceil(counts.reduce((most, count) => Math.max(most, count), 0) / blockImages)
    const small = macs * blocks * blockImages < smallWork
    return this.adaptive && small ? 1 : this.workers.length + 1
  }

  private post(worker: Worker, message: ThreadMessage): void {
    worker.postMessage(message)
  }

  private find(name: string): PlanTensor | undefined {
    return this.require().plan.tensors.find((tensor) => tensor.name === name)
  }

  /** The numbers of a weight, gradient, saved value or moment, where they lie. */
  private place(name: string): Float32Array {
    const { plan, memory, floats } = this.require()
    const moment = memory.moments[name as keyof MemoryMap['moments']]
    if (moment !== undefined) return floats.subarray(moment / 4, moment / 4 + plan.arenas.parameters)
    const tensor = this.find(name)
    if (!tensor || tensor.arena === 'activations') {
      throw new InterlockError('INTERNAL', { problem: `the plan has no weight or moment ${name}` })
    }
    const first = memory.arenas[tensor.arena] / 4 + tensor.offset
    return floats.subarray(first, first + tensor.size)
  }

  private assertAlive(): void {
    if (this.failure) this.threadLost(this.failure)
  }

  private threadLost(cause: Error): never {
    this.prepared = null
    throw new InterlockError('CPU_THREAD_LOST', { problem: cause.message }, { cause })
  }

  private require(): Prepared {
    if (!this.prepared) throw new InterlockError('INTERNAL', { problem: 'no plan is prepared' })
    return this.prepared
  }
}

export interface CpuOptions {
  /** Null takes the machine's cores, at most 8, and fewer for work too small to share. */
  threads: number | null
  /** False keeps to 128-bit operations where 256-bit ones could be used. */
  wide?: boolean
  /** Most bytes of a plan, images not included; as much as the machine allows if not given. */
  memory?: number
}

/**
 * Starts the CPU executor. Where worker threads cannot start it computes on its own thread alone; `info.reason` says so, and
 * which operations it computes with.
 */
export async function createWasmExecutor({ threads, wide = true, memory }: CpuOptions): Promise<Executor> {
  const kernels = await loadKernels({ wide })
  const cores = availableParallelism()
  // Far more threads than cores would spend the step waiting for each other.
  const wanted =
    threads === null ? Math.min(cores, maxThreads) : Math.min(threads, Math.max(maxThreads, 2 * cores))
  let workers: Worker[] = []
  let reason = kernels.reason
  try {
    workers = await startWorkers(wanted - 1)
  } catch (thrown) {
    const problem = thrown instanceof Error ? thrown.message : String(thrown)
    reason = `${reason} More threads could not be started: ${problem}`
  }
  const count = workers.length + 1
  const info: ExecutorInfo = {
    kind: 'cpu',
    name: count === 1 ? 'CPU, 1 thread' : `CPU, ${count} threads`,
    threads: count,
    software: false,
    wide: kernels.wide,
    reason,
  }
  return new WasmExecutor(info, kernels, workers, threads === null, memory)
}
