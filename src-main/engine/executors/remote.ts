/**
 * Executors at the other end of a line (see `remote/serveExecutors.ts`), e.g. in the hidden window that lends its WebGPU device.
 * When the line breaks, every call that waits and every later one fails with DEVICE_LOST: to the engine it is the same thing.
 */
import type { Executor, ExecutorInfo, StepRequest, StepResult } from '#shared/engine/executor'
import type { Plan } from '#shared/engine/plan'
import type { ExecutorReport } from '#shared/engine/protocol'
import { emptyPixels, type ImageSet, type NamedTensor, type Normalisation } from '#shared/engine/tensors'
import { InterlockError } from '#shared/issues/errors'
import type { Channel } from '#shared/rpc/channel'
import { ChunkedLink } from './remote/chunkedLink'
import type { Argument, RemoteMethod, RemoteRequest, RemoteResponse, Result } from './remote/remoteMessage'

interface Waiting {
  resolve: (value: unknown) => void
  reject: (error: unknown) => void
}

/** The client's end: one line, any number of executors. */
export class RemoteGpu {
  private readonly link: ChunkedLink
  private readonly waiting = new Map<number, Waiting>()
  private nextId = 1
  private lost: InterlockError | null = null

  constructor(channel: Channel) {
    this.link = new ChunkedLink(
      channel,
      (message) => this.receive(message as RemoteResponse),
      () => this.close(),
    )
  }

  /** Never throws: a broken line is a problem in the report. */
  async probe(): Promise<ExecutorReport> {
    try {
      return await this.call('probe', 0, null)
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error)
      return { kind: 'webgpu', available: false, name: 'WebGPU', software: false, threads: 1, problem }
    }
  }

  /** Throws EXECUTOR_UNAVAILABLE. */
  async open(): Promise<RemoteExecutor> {
    const { executor, info } = await this.call('open', 0, null)
    return new RemoteExecutor(this, executor, info)
  }

  async call<M extends RemoteMethod>(method: M, executor: number, argument: Argument<M>): Promise<Result<M>> {
    if (this.lost) throw this.lost
    const id = this.nextId++
    const answer = new Promise<unknown>((resolve, reject) => this.waiting.set(id, { resolve, reject }))
    const request: RemoteRequest<M> = { type: 'request', id, executor, method, argument }
    this.link.send(request).catch((error: unknown) => this.settle(id)?.reject(error))
    return (await answer) as Result<M>
  }

  private settle(id: number): Waiting | undefined {
    const waiting = this.waiting.get(id)
    this.waiting.delete(id)
    return waiting
  }

  private receive(response: RemoteResponse): void {
    const waiting = this.settle(response.id)
    if (response.type === 'result') waiting?.resolve(response.value)
    else waiting?.reject(InterlockError.fromData(response.error))
  }

  private close(): void {
    this.lost = new InterlockError('DEVICE_LOST', {
      problem: 'the window that lends the graphics device is gone',
    })
    for (const { reject } of this.waiting.values()) reject(this.lost)
    this.waiting.clear()
  }
}

export class RemoteExecutor implements Executor {
  /** Images that change between runs; the other end gets those of each run. */
  private readonly changing = new Map<string, ImageSet>()

  constructor(
    private readonly gpu: RemoteGpu,
    private readonly executor: number,
    readonly info: ExecutorInfo,
  ) {}

  private call<M extends RemoteMethod>(method: M, argument: Argument<M>): Promise<Result<M>> {
    return this.gpu.call(method, this.executor, argument)
  }

  async prepare(plan: Plan): Promise<void> {
    await this.call('prepare', plan)
  }

  async loadImages(set: string, images: ImageSet): Promise<void> {
    this.changing.delete(set)
    if (images.changing === true) this.changing.set(set, images)
    else await this.call('loadImages', { set, images })
  }

  async setNormalisation(normalisation: Normalisation): Promise<void> {
    await this.call('setNormalisation', normalisation)
  }

  async write(tensors: readonly NamedTensor[]): Promise<void> {
    await this.call('write', tensors)
  }

  read(names: readonly string[]): Promise<NamedTensor[]> {
    return this.call('read', names)
  }

  async run(request: StepRequest): Promise<StepResult> {
    const changing = this.changing.get(request.set)
    if (!changing) return this.call('run', request)
    await this.call('loadImages', { set: request.set, images: pick(changing, request.indices) })
    return this.call('run', { ...request, indices: request.indices.map((_, i) => i) })
  }

  /** Nothing is left to free when the line is gone. */
  async dispose(): Promise<void> {
    try {
      await this.call('dispose', null)
    } catch (error) {
      if (!(error instanceof InterlockError && error.code === 'DEVICE_LOST')) throw error
    }
  }
}

/** The images at some places of a set, in this order, in memory of their own. */
function pick(images: ImageSet, places: Uint32Array): ImageSet {
  const size = images.height * images.width * images.channels
  const pixels = emptyPixels(images.pixels, places.length * size)
  places.forEach((place, i) => pixels.set(images.pixels.subarray(place * size, (place + 1) * size), i * size))
  return {
    ...images,
    count: places.length,
    pixels,
    labels: Int32Array.from(places, (i) => images.labels[i]!),
  }
}
