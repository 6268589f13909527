import { MessageChannel, Worker } from 'node:worker_threads'
import type { ImageSet, ImageStream, Pixels } from '#shared/engine/tensors'
import { InterlockError } from '#shared/issues/errors'
import { workerFile } from '../../engine/workerFile'
import type { LostImage, PlaceTable, ReaderAnswer, ReaderRequest } from './readerMessage'

/** A set of images that is read ahead of a training. */
export interface StreamedImages {
  places: PlaceTable
  /** Of all images of the set. */
  labels: Int32Array
  /** Empty, in shared memory. */
  ring: ImageSet
  /** Decodes an image that is not in the cache, or damaged there; null where that fails. */
  decode(index: number, damaged: boolean): Promise<Pixels | null>
}

/** Our end of the thread that reads decoded images. It is started with the first request; {@link close} ends it. */
export class ReaderThread {
  private worker: Worker | null = null
  private readonly streams = new Map<number, StreamedImages>()
  private filling: {
    onProgress(done: number): void
    resolve(lost: readonly LostImage[]): void
    reject(error: InterlockError): void
  } | null = null
  private ports: MessageChannel[] = []

  /** Reads every kept image i into place i of `pixels`, shared memory; answers those that could not be read. One at a time. */
  fill(
    places: PlaceTable,
    imageBytes: number,
    pixels: Uint8Array,
    onProgress: (done: number) => void,
  ): Promise<readonly LostImage[]> {
    return new Promise((resolve, reject) => {
      this.filling = { onProgress, resolve, reject }
      this.post({ type: 'fill', places, imageBytes, pixels })
    })
  }

  /** The set as the engine takes it. */
  stream(images: StreamedImages): ImageStream {
    const channel = new MessageChannel()
    this.ports.push(channel)
    const stream = this.streams.size
    this.streams.set(stream, images)
    const { places, labels, ring } = images
    this.post({ type: 'stream', stream, places, labels, ring, port: channel.port2 }, [channel.port2])
    return { count: labels.length, ring, port: channel.port1 }
  }

  async close(): Promise<void> {
    const { worker } = this
    this.worker = null
    await worker?.terminate()
    for (const { port1 } of this.ports) port1.close()
  }

  private post(request: ReaderRequest, transfer: MessageChannel['port1'][] = []): void {
    this.worker ??= this.start()
    this.worker.postMessage(request, transfer)
  }

  private start(): Worker {
    const worker = new Worker(workerFile('imageReader'))
    worker.on('message', (answer: ReaderAnswer) => this.receive(answer))
    worker.on('error', (thrown) => this.fail(thrown instanceof Error ? thrown.message : String(thrown)))
    worker.on('exit', () => this.fail('the thread that reads images ended'))
    return worker
  }

  private receive(answer: ReaderAnswer): void {
    switch (answer.type) {
      case 'progress':
        return this.filling?.onProgress(answer.done)
      case 'filled':
        this.filling?.resolve(answer.lost)
        this.filling = null
        return
      case 'missing':
        return void this.bring(answer)
      case 'failed':
        this.fail(answer.problem)
    }
  }

  private async bring(missing: Extract<ReaderAnswer, { type: 'missing' }>): Promise<void> {
    const { stream, position, index, place, damaged } = missing
    const images = this.streams.get(stream)
    if (images === undefined) return
    const pixels = await images.decode(index, damaged)
    if (this.worker === null) return
    const { ring } = images
    const size = ring.height * ring.width * ring.channels
    if (pixels === null) ring.pixels.fill(0, place * size, (place + 1) * size)
    else ring.pixels.set(pixels, place * size)
    this.post({ type: 'brought', stream, position, usable: pixels !== null })
  }

  private fail(problem: string): void {
    this.filling?.reject(new InterlockError('ENGINE_STOPPED', { problem }))
    this.filling = null
  }
}
