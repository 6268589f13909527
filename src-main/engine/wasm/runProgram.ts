/**
 * One thread's part of a program. Every thread runs this same code over the same steps and meets the others at the barrier;
 * which items are whose follows from the thread's number alone. What an item computes does not depend on who computes it,
 * so neither does the result.
 */
import type { DrawnImages } from '#shared/engine/executor'
import type { Pixels } from '#shared/engine/tensors'
import { drawVariant, variantWords, writeVariant } from '../ops/gather/variant'
import { lanes, stepFields, type KernelCall, type KernelSplit, type Program, type Segment } from './program'

type KernelFunction = (begin: number, end: number, step: number, args: number) => void

/** An image set whose arrays all threads see. */
export interface SharedImages {
  pixels: Pixels
  labels: Int32Array
}

/** What one `run` of the executor asks for. `losses` … are shared and filled by all threads, each its own images. */
export interface RunRequest {
  mode: 'train' | 'infer'
  set: string
  indices: Uint32Array
  counts: Uint32Array
  learningRates: Float32Array
  firstStep: number
  drawn?: DrawnImages
  /** The weights were written since they were packed. */
  repack: boolean
  /** Threads that take part: the first so many. */
  threads: number
  losses: Float32Array
  correct: Uint8Array
  probabilities: Float32Array | null
}

interface BoundCall {
  run: KernelFunction
  split: KernelSplit
  items: number
  args: number
}

interface BoundSegment {
  local: boolean
  calls: BoundCall[]
}

/** Answers of the barrier (assembly/barrier.ts). */
const failed = 0
const late = 2

/** Thrown at a barrier when another thread has failed. */
export class ThreadsStopped extends Error {
  constructor() {
    super('another thread of the CPU executor failed')
  }
}

export class ProgramThread {
  private readonly pack: BoundSegment[]
  private readonly train: BoundSegment[]
  private readonly infer: BoundSegment[]
  private readonly arrive: (at: number, threads: number) => number
  private readonly wait: (at: number, generation: number) => number
  private readonly bytes: Uint8Array
  private readonly floats: Float32Array
  private readonly integers: Int32Array
  /** Address of this thread's `Step`. */
  private readonly step: number
  // The running request, and where its present step begins in the indices.
  private request!: RunRequest
  private set!: SharedImages
  /** The bytes behind the set's pixels, whatever their type. */
  private pixelBytes!: Uint8Array
  private first = 0
  private count = 0

  constructor(
    private readonly program: Program,
    exports: WebAssembly.Exports,
    memory: WebAssembly.Memory,
    private readonly thread: number,
    private readonly images: ReadonlyMap<string, SharedImages>,
  ) {
    this.bytes = new Uint8Array(memory.buffer)
    this.floats = new Float32Array(memory.buffer)
    this.integers = new Int32Array(memory.buffer)
    this.step = program.steps[thread]!
    this.integers[this.step / 4 + stepFields.scratch] = program.scratch[thread]! | 0
    this.arrive = exports['barrier'] as ProgramThread['arrive']
    this.wait = exports['barrierWait'] as ProgramThread['wait']
    let next = 0
    const bind = (call: KernelCall): BoundCall => ({
      run: this.kernel(call.kernel, exports),
      split: call.split,
      items: call.items,
      args: program.args[next++]!,
    })
    const bindAll = (segments: readonly Segment[]): BoundSegment[] =>
      segments.map(({ local, calls }) => ({ local, calls: calls.map(bind) }))
    this.pack = bindAll(program.pack)
    this.train = bindAll(program.train)
    this.infer = bindAll(program.infer)
  }

  /**
   * Yields each time the other threads keep this one waiting for long: time to see whether they live. Throws ThreadsStopped.
   * Nothing is awaited in between, so a run that nobody holds up is one piece.
   */
  *run(request: RunRequest): Generator<void, void> {
    this.request = request
    this.set = this.images.get(request.set)!
    const { buffer, byteOffset, byteLength, BYTES_PER_ELEMENT } = this.set.pixels
    this.pixelBytes = new Uint8Array(buffer, byteOffset, byteLength)
    this.integers[this.step / 4 + stepFields.pixelBytes] = BYTES_PER_ELEMENT
    this.first = 0
    if (request.repack) yield* this.runSegments(this.pack, 0)
    const segments = request.mode === 'train' ? this.train : this.infer
    for (let index = 0; index < request.counts.length; index++) {
      this.count = request.counts[index]!
      const blocks = Math.ceil(this.count / this.program.blockImages)
      this.fillStep(index, blocks)
      yield* this.runSegments(segments, blocks)
      this.first += this.count
    }
  }

  /** Tells all threads to stop at the next barrier. */
  stopOthers(): void {
    const word = this.program.barrier / 4
    Atomics.store(this.integers, word + 3, 1)
    Atomics.notify(this.integers, word + 1)
  }

  private kernel(name: string, exports: WebAssembly.Exports): KernelFunction {
    if (name === 'stage') return (begin, end) => this.stage(begin, end)
    if (name === 'collect') return (begin, end) => this.collect(begin, end)
    const kernel = exports[name]
    if (typeof kernel !== 'function') throw new Error(`kernels.wasm has no function ${name}`)
    return kernel as KernelFunction
  }

  private fillStep(index: number, blocks: number): void {
    const { request, program, integers, floats } = this
    const at = this.step / 4
    const number = request.firstStep + index
    integers[at + stepFields.images] = this.count
    integers[at + stepFields.blocks] = blocks
    integers[at + stepFields.index] = number
    if (request.mode === 'infer') return
    const rate = request.learningRates[index]!
    floats[at + stepFields.learningRate] = rate
    if (program.adam) {
      const { beta1, beta2, weightDecay } = program.adam
      floats[at + stepFields.stepSize] = rate / (1 - beta1 ** (number + 1))
      floats[at + stepFields.correction2Root] = Math.sqrt(1 - beta2 ** (number + 1))
      floats[at + stepFields.shrink] = 1 - rate * weightDecay
    }
  }

  private *runSegments(segments: readonly BoundSegment[], blocks: number): Generator<void, void> {
    const { threads } = this.request
    const { chunkBlocks } = this.program
    const chunks = Math.ceil(blocks / chunkBlocks)
    // Threads that own whole chunks need not meet in between; else the items of each call are shared out.
    const ownChunks = chunks % threads === 0
    for (const { local, calls } of segments) {
      if (local && ownChunks) {
        const last = (chunks / threads) * (this.thread + 1)
        for (let chunk = (chunks / threads) * this.thread; chunk < last; chunk++) {
          const firstBlock = chunk * chunkBlocks
          const endBlock = Math.min(blocks, firstBlock + chunkBlocks)
          for (const call of calls) {
            const begin = (call.split === 'block' ? firstBlock : chunk) * call.items
            const end = (call.split === 'block' ? endBlock : chunk + 1) * call.items
            call.run(begin, end, this.step, call.args)
          }
        }
        if (threads > 1) yield* this.barrier()
      } else {
        for (const call of calls) {
          const units = call.split === 'block' ? blocks : call.split === 'chunk' ? chunks : 1
          this.runShare(call, units * call.items)
          if (local && threads > 1) yield* this.barrier()
        }
        if (!local && threads > 1) yield* this.barrier()
      }
    }
  }

  private runShare(call: BoundCall, items: number): void {
    const { threads } = this.request
    const begin = Math.floor((items * this.thread) / threads)
    const end = Math.floor((items * (this.thread + 1)) / threads)
    if (end > begin) call.run(begin, end, this.step, call.args)
  }

  private *barrier(): Generator<void, void> {
    const { barrier } = this.program
    // It cannot end before this thread has arrived.
    const generation = Atomics.load(this.integers, barrier / 4 + 1)
    let found = this.arrive(barrier, this.request.threads)
    while (found === late) {
      yield
      found = this.wait(barrier, generation)
    }
    if (found === failed) throw new ThreadsStopped()
  }

  /** Copies the bytes and labels of the step's images to where `gather` reads them. */
  private stage(begin: number, end: number): void {
    const { imageValues, staging, blockImages } = this.program
    const { pixels, labels } = this.set
    const imageBytes = imageValues * pixels.BYTES_PER_ELEMENT
    const last = Math.min(this.count, end * blockImages)
    for (let image = begin * blockImages; image < last; image++) {
      const index = this.request.indices[this.first + image]!
      const bytes = this.pixelBytes.subarray(index * imageBytes, (index + 1) * imageBytes)
      this.bytes.set(bytes, staging.bytes + image * imageBytes)
      this.integers[staging.labels / 4 + image] = labels[index]!
      if (this.request.mode === 'train') this.stageVariant(image)
    }
  }

  /** How an image of the step is changed, if it is. */
  private stageVariant(image: number): void {
    const { augmentation, staging } = this.program
    const { drawn } = this.request
    if (augmentation === null || drawn === undefined) return
    const { settings, height, width, seed } = augmentation
    const number = drawn.images[this.first + image]!
    const variant = drawVariant(settings, height, width, { seed, epoch: drawn.epoch, image: number })
    const lane = image % lanes
    const at = staging.variants / 4 + (image - lane) * variantWords + lane
    writeVariant(variant, this.integers, this.floats, at, lanes)
  }

  /** Brings losses and probabilities of the step's images from the blocks to the results. */
  private collect(begin: number, end: number): void {
    const { staging, probabilities, stride, classes, blockImages } = this.program
    const { request, floats } = this
    const last = Math.min(this.count, end * blockImages)
    for (let image = begin * blockImages; image < last; image++) {
      request.losses[this.first + image] = floats[staging.losses / 4 + image]!
      request.correct[this.first + image] = this.integers[staging.correct / 4 + image]!
      if (!request.probabilities) continue
      const block = Math.floor(image / blockImages)
      const from = (probabilities[request.mode] + block * stride) / 4 + (image % blockImages)
      const to = (this.first + image) * classes
      for (let c = 0; c < classes; c++) request.probabilities[to + c] = floats[from + c * blockImages]!
    }
  }
}
