/**
 * Brings the images of some files to a network's input size: from the cache where they are, decoded where they are not. All of
 * them into memory where they fit, else so far that they can be read ahead of a training.
 */
import type { NumberType } from '#shared/data/imageFacts'
import type { ImageSet, ImageStream, Pixels } from '#shared/engine/tensors'
import { InterlockError } from '#shared/issues/errors'
import type { SkippedFile } from '#shared/rpc/services'
import { machineMemory } from '../engine/machineMemory'
import type { DecodePool } from './decoding/decodePool'
import type { DecodedImage } from './decoding/decoderMessage'
import { imageBytes, imageLength, type ImageTarget } from './fitPixels'
import type { ImageCache, OpenCache } from './imageCache/imageCache'
import type { KeptImage } from './imageCache/packFile'
import { sameStamp, stampFile, type KnownFile } from './imageCache/sourceFacts'
import type { BandSums } from './measureNormalisation'
import { allocate, bytesOf } from './pixelMemory'
import { ReaderThread } from './reading/readerThread'
import type { PlaceTable } from './reading/readerMessage'

/** What decodes and keeps images; one for a process. */
export interface ImageStore {
  pool: DecodePool
  cache: ImageCache
  /** Most bytes of decoded images in memory at once. */
  memory: number
}

/** Decoded images may take this share of the machine's memory. */
export const memoryShare = 0.25

export function usualMemory(): number {
  return machineMemory() * memoryShare
}

export interface GatherOptions {
  onProgress?(done: number, total: number): void
  onSkipped?(file: SkippedFile): void
  signal?: AbortSignal
}

/** Where the images came from. */
export interface GatherReport {
  cached: number
  decoded: number
  /** Of these, found damaged in the cache. */
  damaged: number
  /** Of all, those whose file has another size than the network's input. */
  resized: number
}

/** A ring for images read ahead takes this share of the memory for images, and no more than so many bytes. */
const ringShare = 0.25
const largestRing = 128 * 2 ** 20

/** Files looked at side by side; most of them only wait for the disk. */
const lookedAtOnce = 32

/** Why a file was left out, without its name (which stands beside it). */
export function skipReason(thrown: unknown): string {
  const error = thrown instanceof InterlockError ? thrown : null
  return String(error?.details['problem'] ?? (thrown instanceof Error ? thrown.message : thrown))
}

/**
 * Gathers the images of `files`, all below `folder`. Files that cannot be read are skipped (`options.onSkipped`). `room`: how
 * many bytes they may take in memory as a whole. Throws the signal's reason when aborted; what was decoded by then is kept.
 */
export async function gatherImages(
  store: ImageStore,
  source: { folder: string; files: readonly string[] },
  target: ImageTarget,
  options: GatherOptions,
  room: number = store.memory,
): Promise<GatheredImages> {
  const cache = await store.cache.open(target, source.folder)
  const gathered = new GatheredImages(store, cache, source.files, target, options)
  try {
    await gathered.gather(room)
  } catch (thrown) {
    await gathered.close()
    throw thrown
  } finally {
    await cache.close(gathered.known)
  }
  return gathered
}

export class GatheredImages {
  /** Position by position: sums of the image's bands, null where the file could not be read. */
  readonly sums: (BandSums | null)[]
  /** `[files][height][width][channels]` in shared memory, zeros where a file could not be read; null where they do not fit. */
  pixels: Pixels | null = null
  readonly report: GatherReport = { cached: 0, decoded: 0, damaged: 0, resized: 0 }
  readonly known = new Map<string, KnownFile>()
  private readonly kept: (KeptImage | null)[]
  /** Positions of images whose file has another size than the target. */
  private readonly resized = new Set<number>()
  private readonly reader = new ReaderThread()
  private readonly imageLength: number
  private readonly imageBytes: number
  /** Files that were complained about after gathering. */
  private readonly lost = new Set<string>()

  constructor(
    private readonly store: ImageStore,
    private readonly cache: OpenCache,
    private readonly files: readonly string[],
    private readonly target: ImageTarget,
    private readonly options: GatherOptions,
  ) {
    this.sums = new Array<null>(files.length).fill(null)
    this.kept = new Array<null>(files.length).fill(null)
    this.imageLength = imageLength(target)
    this.imageBytes = imageBytes(target)
  }

  async gather(room: number): Promise<void> {
    const { files, options } = this
    if (files.length * this.imageBytes <= room)
      this.pixels = allocateOrNull(files.length * this.imageLength, this.target.numbers)
    /** Images of earlier runs, which are read when it is known which they are. */
    const toRead: number[] = []
    let done = 0
    await inParallel(files.length, Math.max(lookedAtOnce, this.store.pool.width), async (i) => {
      options.signal?.throwIfAborted()
      if (await this.look(i)) toRead.push(i)
      else options.onProgress?.(++done, files.length)
    })
    options.signal?.throwIfAborted()
    this.report.cached = toRead.length
    if (this.pixels !== null)
      await this.readInto(this.pixels, toRead, (n) => options.onProgress?.(done + n, files.length))
    else options.onProgress?.(files.length, files.length)
    this.report.resized = this.resized.size
  }

  /** Images at some positions with their labels, in `room` (shared memory) for so many at least. Those that are no longer to be had have label −1. */
  async read(positions: readonly number[], labels: Int32Array, room: Pixels): Promise<ImageSet> {
    const { height, width, channels } = this.target
    const size = this.imageLength
    const pixels = room.subarray(0, positions.length * size)
    if (this.pixels !== null) {
      positions.forEach((from, to) =>
        pixels.set(this.pixels!.subarray(from * size, (from + 1) * size), to * size),
      )
    } else {
      const places = this.placesOf(positions)
      const lost = await this.reader.fill(places, this.imageBytes, bytesOf(pixels), () => undefined)
      const damaged = new Set(lost.filter((image) => image.damaged).map(({ index }) => index))
      const missing = new Set(lost.map(({ index }) => index))
      positions.forEach((position, to) => this.kept[position] ?? missing.add(to))
      const wanted = [...missing]
      await inParallel(wanted.length, this.store.pool.width, async (i) => {
        const to = wanted[i] as number
        const decoded = await this.decodeLate(positions[to] as number, damaged.has(to))
        if (decoded === null) labels[to] = -1
        else pixels.set(decoded, to * size)
      })
    }
    return { count: positions.length, height, width, channels, pixels, labels }
  }

  /** Images at some positions with their labels, to be read ahead of a training with such batches. Ended by {@link close}. */
  stream(positions: readonly number[], labels: Int32Array, batchSize: number): ImageStream {
    const { height, width, channels } = this.target
    const bytes = Math.min(this.store.memory * ringShare, largestRing)
    const count = Math.max(2 * batchSize, Math.floor(bytes / this.imageBytes))
    const pixels = allocate(count * this.imageLength, this.target.numbers)
    const ringLabels = new Int32Array(new SharedArrayBuffer(count * 4))
    return this.reader.stream({
      places: this.placesOf(positions),
      labels,
      ring: { count, height, width, channels, pixels, labels: ringLabels, changing: true },
      decode: (index, damaged) => this.decodeLate(positions[index] as number, damaged),
    })
  }

  close(): Promise<void> {
    return this.reader.close()
  }

  /** Finds an image in the cache, or decodes it. True: its pixels are still to be read from the cache. */
  private async look(i: number): Promise<boolean> {
    const file = this.files[i] as string
    const stamped = await stampFile(file)
    const before = this.cache.known.get(file)
    if (stamped !== null && before !== undefined && sameStamp(before.stamp, stamped.stamp)) {
      const kept = this.cache.find(before.hash)
      // Without room in memory nor in the cache it is decoded when its turn comes.
      if (kept !== null || this.pixels === null) {
        this.note(i, before, kept)
        return kept !== null
      }
    }
    try {
      if (stamped !== null && !this.cache.isEmpty) {
        const hash = await this.store.pool.hash(file)
        const kept = this.cache.find(hash)
        if (kept !== null) {
          this.note(i, { ...kept, stamp: stamped.stamp, hash }, kept, stamped.settled)
          return true
        }
      }
      const image = await this.decode(i)
      const { hash, sums, resized } = image
      if (stamped?.settled) this.known.set(file, { stamp: stamped.stamp, hash, sums, resized })
    } catch (thrown) {
      this.options.onSkipped?.({ file, reason: skipReason(thrown) })
    }
    return false
  }

  private note(i: number, known: KnownFile, kept: KeptImage | null, settled = true): void {
    const { stamp, hash, sums, resized } = known
    if (settled) this.known.set(this.files[i] as string, { stamp, hash, sums, resized })
    if (resized) this.resized.add(i)
    this.sums[i] = sums
    this.kept[i] = kept
  }

  private async decode(i: number): Promise<DecodedImage> {
    const image = await this.store.pool.decode(this.files[i] as string, this.target)
    this.report.decoded++
    if (image.resized) this.resized.add(i)
    this.sums[i] = image.sums
    this.pixels?.set(image.pixels, i * this.imageLength)
    this.kept[i] = await this.cache.add(image)
    return image
  }

  /** Reads images from the cache; those that are damaged there are decoded again. */
  private async readInto(
    pixels: Pixels,
    positions: readonly number[],
    onProgress: (done: number) => void,
  ): Promise<void> {
    if (positions.length === 0) return
    const wanted = new Set(positions)
    const all = this.files.map((_, i) => (wanted.has(i) ? i : -1))
    const lost = await this.reader.fill(this.placesOf(all), this.imageBytes, bytesOf(pixels), onProgress)
    for (const { index, damaged } of lost) if (damaged) this.distrust(index)
    this.report.cached -= lost.length
    await inParallel(lost.length, this.store.pool.width, async (n) => {
      this.options.signal?.throwIfAborted()
      const i = lost[n]!.index
      try {
        await this.decode(i)
      } catch (thrown) {
        this.sums[i] = null
        this.resized.delete(i)
        pixels.fill(0, i * this.imageLength, (i + 1) * this.imageLength)
        this.options.onSkipped?.({ file: this.files[i] as string, reason: skipReason(thrown) })
      }
    })
    onProgress(positions.length)
  }

  /** An image that was readable when it was gathered, and is now needed again. */
  private async decodeLate(i: number, damaged: boolean): Promise<Pixels | null> {
    const file = this.files[i] as string
    if (damaged) this.distrust(i)
    try {
      return (await this.store.pool.decode(file, this.target)).pixels
    } catch (thrown) {
      if (!this.lost.has(file)) this.options.onSkipped?.({ file, reason: skipReason(thrown) })
      this.lost.add(file)
      return null
    }
  }

  private distrust(i: number): void {
    const kept = this.kept[i]
    if (!kept) return
    this.cache.distrust(kept)
    this.kept[i] = null
    this.report.damaged++
  }

  /** Where the images at some positions lie; −1: none is asked for there. */
  private placesOf(positions: readonly number[]): PlaceTable {
    const files = new Map<string, number>()
    const table = {
      file: new Int32Array(positions.length).fill(-1),
      offset: new Float64Array(positions.length),
      check: new Uint32Array(positions.length),
    }
    positions.forEach((position, i) => {
      const kept = this.kept[position]
      if (!kept) return
      if (!files.has(kept.file)) files.set(kept.file, files.size)
      table.file[i] = files.get(kept.file) as number
      table.offset[i] = kept.offset
      table.check[i] = kept.check
    })
    return { files: [...files.keys()], ...table }
  }
}

function allocateOrNull(length: number, numbers: NumberType | undefined): Pixels | null {
  try {
    return allocate(length, numbers)
  } catch {
    return null
  }
}

/** Does `work` for 0 … count − 1, so many at a time, in order of their start. Throws the first failure. */
async function inParallel(count: number, width: number, work: (i: number) => Promise<void>): Promise<void> {
  let next = 0
  const one = async (): Promise<void> => {
    while (next < count) await work(next++)
  }
  await Promise.all(Array.from({ length: Math.min(width, count) }, one))
}
