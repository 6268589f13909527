/** Entry of the thread that reads decoded images from the cache: all at once, or ahead of a training in its order. */
import { open, type FileHandle } from 'node:fs/promises'
import { parentPort } from 'node:worker_threads'
import { crc32 } from 'node:zlib'
import { InterlockError } from '#shared/issues/errors'
import type { StreamAnswer, StreamRequest } from '#shared/engine/tensors'
import { bytesOf } from '../pixelMemory'
import type { LostImage, PlaceTable, ReaderAnswer, ReaderRequest } from './readerMessage'

const port = parentPort
if (!port) throw new Error('imageReader.js runs as a worker thread only')
const answer = (message: ReaderAnswer): void => port.postMessage(message)

/** Reads under way at once: enough for a disk that takes its time. */
const width = 8
/** Images a ring waits for at once; some of them may have to be decoded first. */
const ringWidth = 32
/** Messages about progress, in images. */
const tellEvery = 64

type Outcome = 'read' | 'absent' | 'damaged'

/** Reads images; keeps the files open, so that they can be read also when they are thrown out of the cache. */
class Places {
  private constructor(
    private readonly table: PlaceTable,
    private readonly handles: readonly (FileHandle | null)[],
  ) {}

  static async open(table: PlaceTable): Promise<Places> {
    return new Places(table, await Promise.all(table.files.map((file) => open(file).catch(() => null))))
  }

  async read(index: number, target: Uint8Array): Promise<Outcome> {
    const handle = this.handles[this.table.file[index] ?? -1]
    if (!handle) return 'absent'
    try {
      const { bytesRead } = await handle.read(target, 0, target.length, this.table.offset[index])
      return bytesRead === target.length && crc32(target) === this.table.check[index] ? 'read' : 'damaged'
    } catch {
      return 'damaged'
    }
  }

  async close(): Promise<void> {
    for (const handle of this.handles) await handle?.close()
  }
}

async function fill({
  places: table,
  imageBytes,
  pixels,
}: Extract<ReaderRequest, { type: 'fill' }>): Promise<void> {
  const places = await Places.open(table)
  const lost: LostImage[] = []
  let next = 0
  let done = 0
  const readNext = async (): Promise<void> => {
    while (next < table.file.length) {
      const index = next++
      if (table.file[index] === -1) continue
      const outcome = await places.read(index, pixels.subarray(index * imageBytes, (index + 1) * imageBytes))
      if (outcome !== 'read') lost.push({ index, damaged: outcome === 'damaged' })
      if (++done % tellEvery === 0) answer({ type: 'progress', done })
    }
  }
  await Promise.all(Array.from({ length: width }, readNext))
  await places.close()
  answer({ type: 'filled', lost })
}

/** Fills a ring with the images of an order, as far as there is room. */
class RingFiller {
  private order = 0
  private indices = new Uint32Array(0)
  /** Positions of the order that have a place in the ring now. */
  private end = 0
  private next = 0
  private ready = 0
  private decoded = 0
  /** Positions that are there before one that lies ahead of them. */
  private readonly early = new Set<number>()
  private underWay = 0
  private waiting: Extract<StreamRequest, { type: 'order' }> | null = null
  private readonly missing = new Map<number, (usable: boolean) => void>()
  private telling = false

  constructor(
    private readonly request: Extract<ReaderRequest, { type: 'stream' }>,
    private readonly places: Places,
  ) {
    request.port.addEventListener('message', ({ data }: { data: StreamRequest }) => this.receive(data))
    request.port.start?.()
  }

  /** A missing image has been decoded into its place. */
  brought(position: number, usable: boolean): void {
    this.missing.get(position)?.(usable)
    this.missing.delete(position)
  }

  private receive(request: StreamRequest): void {
    if (request.type === 'order') this.waiting = request
    else if (request.order === this.order) this.end = request.images + this.request.ring.count
    this.pump()
  }

  private pump(): void {
    if (this.waiting !== null) {
      // Images of the last order that are still on their way would be written over the new ones.
      if (this.underWay > 0) return
      this.order = this.waiting.order
      this.indices = this.waiting.indices as Uint32Array<ArrayBuffer>
      this.waiting = null
      this.next = this.ready = this.decoded = 0
      this.early.clear()
      this.end = this.request.ring.count
    }
    while (this.underWay < ringWidth && this.next < Math.min(this.end, this.indices.length)) {
      this.underWay++
      const position = this.next++
      this.bring(position).then(
        () => this.arrived(position),
        (thrown: unknown) => this.fail(thrown),
      )
    }
  }

  private async bring(position: number): Promise<void> {
    const { ring, labels, stream } = this.request
    const index = this.indices[position] as number
    const place = position % ring.count
    const pixels = bytesOf(ring.pixels)
    const size = pixels.length / ring.count
    const outcome = await this.places.read(index, pixels.subarray(place * size, (place + 1) * size))
    let usable = true
    if (outcome !== 'read') {
      this.decoded++
      answer({ type: 'missing', stream, position, index, place, damaged: outcome === 'damaged' })
      usable = await new Promise<boolean>((resolve) => this.missing.set(position, resolve))
    }
    ring.labels[place] = usable ? (labels[index] as number) : -1
  }

  private arrived(position: number): void {
    this.underWay--
    this.early.add(position)
    while (this.early.delete(this.ready)) this.ready++
    this.pump()
    if (this.telling) return
    this.telling = true
    // What arrives in one turn is told at once.
    setImmediate(() => {
      this.telling = false
      const { order, ready, decoded } = this
      this.tell({ type: 'ready', order, images: ready, decoded })
    })
  }

  private fail(thrown: unknown): void {
    this.underWay--
    const problem = thrown instanceof Error ? thrown.message : String(thrown)
    this.tell({ type: 'failed', error: new InterlockError('INTERNAL', { problem }).toData() })
  }

  private tell(message: StreamAnswer): void {
    this.request.port.postMessage(message)
  }
}

const fillers = new Map<number, RingFiller>()

port.on('message', (request: ReaderRequest) => {
  const failed = (thrown: unknown): void => answer({ type: 'failed', problem: String(thrown) })
  switch (request.type) {
    case 'fill':
      return void fill(request).catch(failed)
    case 'stream':
      return void Places.open(request.places).then(
        (places) => fillers.set(request.stream, new RingFiller(request, places)),
        failed,
      )
    case 'brought':
      return fillers.get(request.stream)?.brought(request.position, request.usable)
  }
})
