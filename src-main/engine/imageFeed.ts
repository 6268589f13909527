/**
 * Where the trainer takes its images from: the same for images in memory and for those that are brought while it computes.
 */
import type { Executor } from '#shared/engine/executor'
import type { ImageSet, ImageStream, StreamAnswer, StreamRequest } from '#shared/engine/tensors'
import { InterlockError } from '#shared/issues/errors'

export interface ImageFeed {
  /** Most images of one `take`. */
  readonly most: number
  /** Images of the present order that had to be decoded anew. */
  readonly decoded: number
  /** Makes the images known to an executor, as set `set`. */
  load(executor: Executor, set: string): Promise<void>
  /** From here on images are taken in this order, beginning with image `first` of it. Asking again for the same changes nothing. */
  begin(order: Uint32Array, first: number): void
  /**
   * The next images of the order: what `indices` of a run must be. They stay until the next `take`. Throws what kept them
   * from being brought.
   */
  take(indices: Uint32Array): Promise<Uint32Array>
}

export function createFeed(images: ImageSet | ImageStream): ImageFeed {
  return 'ring' in images ? new StreamFeed(images) : new MemoryFeed(images)
}

class MemoryFeed implements ImageFeed {
  readonly most = Infinity
  readonly decoded = 0

  constructor(private readonly images: ImageSet) {}

  load(executor: Executor, set: string): Promise<void> {
    return executor.loadImages(set, this.images)
  }

  begin(): void {}

  take(indices: Uint32Array): Promise<Uint32Array> {
    return Promise.resolve(indices)
  }
}

class StreamFeed implements ImageFeed {
  readonly most: number
  decoded = 0
  private number = 0
  private begun: { order: Uint32Array; first: number } | null = null
  /** Images of the present order: brought, and taken so far. */
  private ready = 0
  private taken = 0
  private failure: InterlockError | null = null
  private wake: (() => void) | null = null

  constructor(private readonly stream: ImageStream) {
    // While one half is computed on, the other is filled.
    this.most = Math.floor(stream.ring.count / 2)
    stream.port.addEventListener('message', ({ data }: { data: StreamAnswer }) => this.receive(data))
    stream.port.addEventListener('close', () => {
      this.failure ??= new InterlockError('ENGINE_STOPPED', { problem: 'the thread that reads images ended' })
      this.wake?.()
    })
    stream.port.start?.()
  }

  load(executor: Executor, set: string): Promise<void> {
    return executor.loadImages(set, this.stream.ring)
  }

  begin(order: Uint32Array, first: number): void {
    const { begun } = this
    const same = begun?.first === first && this.taken === 0 && equal(begun.order, order)
    if (same) return
    this.begun = { order, first }
    this.number++
    this.ready = this.taken = this.decoded = 0
    this.ask({ type: 'order', order: this.number, indices: order.slice(first) })
  }

  async take({ length }: Uint32Array): Promise<Uint32Array> {
    if (this.taken > 0) this.ask({ type: 'used', order: this.number, images: this.taken })
    const first = this.taken
    this.taken += length
    while (this.ready < this.taken) {
      if (this.failure) throw this.failure
      await new Promise<void>((resolve) => (this.wake = resolve))
    }
    return Uint32Array.from({ length }, (_, i) => (first + i) % this.stream.ring.count)
  }

  private ask(request: StreamRequest): void {
    this.stream.port.postMessage(request)
  }

  private receive(answer: StreamAnswer): void {
    if (answer.type === 'failed') this.failure = InterlockError.fromData(answer.error)
    else if (answer.order === this.number) {
      this.ready = answer.images
      this.decoded = answer.decoded
    }
    this.wake?.()
  }
}

function equal(a: Uint32Array, b: Uint32Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i])
}
