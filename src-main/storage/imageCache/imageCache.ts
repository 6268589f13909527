/**
 * Decoded images on disk, so that an image is decoded once for a size and not once a run. An image is known by the content of
 * its file and by how it was prepared; the README tells how the files lie. Any number of processes may use one cache.
 */
import { createHash, randomBytes } from 'node:crypto'
import { readdir, rm, stat, statfs, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { dependencies } from '../../../package.json'
import type { DecodedImage } from '../decoding/decoderMessage'
import { imageBytes, type ImageTarget } from '../fitPixels'
import { PackWriter, readPack, type KeptImage } from './packFile'
import { factsName, readFacts, writeFacts, type KnownFile } from './sourceFacts'

/** Counts up when decoding or resizing changes what comes out. */
const preparationVersion = 3

/** Packs are thrown out as a whole: small enough that little is lost, large enough to be few. */
const packBytes = 256 * 2 ** 20

/** Without a limit of the user's: no more than this, and no more than a quarter of what the disk could give. */
const usualLimit = 10 * 2 ** 30
const shareOfDisk = 0.25

/** A pack without a list that was not written to for so long belongs to nobody any more, in milliseconds. */
const orphanAfter = 10 * 60_000

export interface CacheOptions {
  folder: string
  /** Most bytes on disk; null: 10 GB, at most a quarter of what is free; 0: nothing is kept. */
  chosenLimit(): Promise<number | null>
}

/** Files of surveys, which lie beside the packs. */
export const surveyEnding = 'survey'

/** A pack with its list, or what is known of a folder. */
interface Stored {
  folder: string
  name: string
  bytes: number
  /** In milliseconds. */
  used: number
  /** Whether it may be thrown out: nobody writes to it. */
  listed: boolean
}

export class ImageCache {
  constructor(private readonly options: CacheOptions) {}

  get folder(): string {
    return this.options.folder
  }

  /** Most bytes it may take now. */
  async limit(): Promise<number> {
    const { folder } = this.options
    const chosen = await this.options.chosenLimit()
    if (chosen !== null) return chosen
    // The folder itself may not be there yet.
    const disk = await statfs(folder).catch(() => statfs(join(folder, '..', '..')).catch(() => null))
    if (disk === null) return usualLimit
    const free = disk.bavail * disk.bsize + (await this.size())
    return Math.min(usualLimit, Math.floor(free * shareOfDisk))
  }

  /** Bytes it takes. */
  async size(): Promise<number> {
    return (await this.list()).reduce((sum, { bytes }) => sum + bytes, 0)
  }

  /** Removes everything that no process is just writing; runs that read go on. Answers the bytes freed. */
  async clear(): Promise<number> {
    let freed = 0
    for (const stored of await this.list()) {
      if (!stored.listed) continue
      await remove(stored)
      freed += stored.bytes
    }
    return freed
  }

  /** What is kept of images prepared like this. */
  async open(target: ImageTarget, sourceFolder: string): Promise<OpenCache> {
    const { height, width, channels, resize, numbers = 'uint8', bands = null } = target
    const preparation = JSON.stringify({
      ...{ height, width, channels, resize, numbers, bands },
      ...{ version: preparationVersion, sharp: dependencies.sharp, geotiff: dependencies.geotiff },
    })
    const key = createHash('sha256').update(preparation).digest('hex').slice(0, 16)
    const folder = join(this.options.folder, key)
    const images = new Map<string, KeptImage>()
    const names = await readdir(folder).catch(() => [])
    const packs = names.filter((name) => name.startsWith('pack-') && name.endsWith('.json'))
    for (const name of packs) await readPack(folder, name.slice(0, -'.json'.length), images)
    const facts = factsName(sourceFolder)
    const known = await readFacts(folder, facts)
    return new OpenCache(this, folder, imageBytes(target), images, facts, known)
  }

  /**
   * Throws out what was not used for longest until there is room for so many more bytes. Answers the room there is, which is
   * less where what is left may not go.
   */
  async makeRoom(bytes: number, keep: ReadonlySet<string>): Promise<number> {
    const limit = await this.limit()
    const stored = await this.list()
    let room = limit - stored.reduce((sum, one) => sum + one.bytes, 0)
    for (const one of stored.sort((a, b) => a.used - b.used)) {
      if (room >= bytes) break
      if (!one.listed || keep.has(one.name)) continue
      await remove(one)
      room += one.bytes
    }
    return room
  }

  private async list(): Promise<Stored[]> {
    const all: Stored[] = []
    const folders = await readdir(this.options.folder).catch(() => [])
    for (const key of folders) {
      const folder = join(this.options.folder, key)
      const found = new Map<string, Stored>()
      for (const file of await readdir(folder).catch(() => [])) {
        const info = await stat(join(folder, file)).catch(() => null)
        if (info === null) continue
        const [name = file] = file.split('.')
        const one = found.get(name) ?? { folder, name, bytes: 0, used: 0, listed: false }
        const isList = file.endsWith('.json') || file.endsWith(`.${surveyEnding}`)
        one.bytes += info.size
        one.used = Math.max(one.used, info.mtimeMs)
        one.listed ||= isList || Date.now() - info.mtimeMs > orphanAfter
        found.set(name, one)
      }
      all.push(...found.values())
    }
    return all
  }
}

/** The part of a cache that one loading of images uses. */
export class OpenCache {
  private writer: PackWriter | null = null
  private opening: Promise<void> | null = null
  private closed = false
  private packLimit = 0
  private readonly damaged = new Set<string>()
  private full = false
  /** Packs and facts in use, which are not thrown out to make room for more. */
  private readonly used: Set<string>

  constructor(
    private readonly cache: ImageCache,
    private readonly folder: string,
    private readonly imageBytes: number,
    private readonly images: Map<string, KeptImage>,
    private readonly facts: string,
    /** What was known of the source's files. */
    readonly known: ReadonlyMap<string, KnownFile>,
  ) {
    this.used = new Set([facts])
  }

  get isEmpty(): boolean {
    return this.images.size === 0
  }

  /** The image of a file with this content, or null. */
  find(hash: string): KeptImage | null {
    const image = this.images.get(hash) ?? null
    if (image !== null) this.used.add(nameOf(image.file))
    return image
  }

  /** An image turned out to be damaged: nothing in its pack is trusted any more. */
  distrust({ file }: KeptImage): void {
    const name = nameOf(file)
    if (this.closed) void remove({ folder: this.folder, name })
    else this.damaged.add(name)
    for (const [hash, image] of this.images) if (image.file === file) this.images.delete(hash)
  }

  /** Keeps an image; null where there is no room, or the disk does not take it: then it is decoded again when it is needed. */
  async add(image: DecodedImage): Promise<KeptImage | null> {
    const same = this.find(image.hash)
    if (same !== null) return same
    try {
      while (!this.full) {
        if (this.writer !== null && this.writer.length + this.imageBytes <= this.packLimit) {
          const kept = await this.writer.append(image)
          this.images.set(image.hash, kept)
          return kept
        }
        this.opening ??= this.nextPack().finally(() => (this.opening = null))
        await this.opening
      }
    } catch {
      this.full = true
    }
    return null
  }

  /** Writes down what is known of the files now, and marks what was used. A disk that does not take it costs the next run time only. */
  async close(known: ReadonlyMap<string, KnownFile>): Promise<void> {
    await this.opening
    await this.writer?.close().catch(() => undefined)
    this.writer = null
    this.full = this.closed = true
    if ((await this.cache.limit()) > 0)
      await writeFacts(this.folder, this.facts, known).catch(() => undefined)
    for (const name of this.damaged) await remove({ folder: this.folder, name })
    const now = new Date()
    for (const name of this.used)
      await utimes(join(this.folder, `${name}.json`), now, now).catch(() => undefined)
  }

  private async nextPack(): Promise<void> {
    const before = this.writer
    this.writer = null
    await before?.close()
    this.packLimit = Math.min(packBytes, await this.cache.makeRoom(packBytes, this.used))
    if (this.packLimit < this.imageBytes) {
      this.full = true
      return
    }
    const name = `pack-${randomBytes(8).toString('hex')}`
    this.used.add(name)
    this.writer = await PackWriter.create(this.folder, name, this.imageBytes)
  }
}

async function remove({ folder, name }: Pick<Stored, 'folder' | 'name'>): Promise<void> {
  // The list first: without pixels it would tell of images that are not there.
  for (const ending of ['json', 'pixels', surveyEnding])
    await rm(join(folder, `${name}.${ending}`), { force: true }).catch(() => undefined)
}

function nameOf(file: string): string {
  return /([^/\\]+)\.pixels$/.exec(file)?.[1] ?? file
}
