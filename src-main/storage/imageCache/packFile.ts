/**
 * A pack: decoded images one after the other in `<name>.pixels`, and in `<name>.json` what they are. Only the process that
 * makes a pack writes to it, and only behind what its list tells; so any number of processes may read it meanwhile.
 */
import { open, readFile, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { makeFolder, writeError, writeFileAtomic } from '../atomicFile'
import type { DecodedImage } from '../decoding/decoderMessage'
import type { BandSums } from '../measureNormalisation'
import { bytesOf } from '../pixelMemory'
import { bandSumsSchema, packSums, unpackSums } from './bandSumsFile'

/** What a kept image is: where its pixels lie and what they must add up to. */
export interface KeptImage {
  file: string
  /** In bytes. */
  offset: number
  /** CRC-32 of the pixels. */
  check: number
  sums: BandSums
  /** The file has another size. */
  resized: boolean
}

const listSchema = z.object({
  format: z.literal('interlock-pixels'),
  version: z.literal(3),
  imageBytes: z.number(),
  /** In the order they lie in: hash of the file they come from, CRC-32, sums of the bands, whether they were resized. */
  images: z.array(z.tuple([z.string(), z.number(), bandSumsSchema, z.boolean()])),
})

type List = z.infer<typeof listSchema>

/** Adds the images of a pack to `into`, by their files' hash. A list that cannot be read tells of none. */
export async function readPack(folder: string, name: string, into: Map<string, KeptImage>): Promise<void> {
  let list: List
  try {
    list = listSchema.parse(JSON.parse(await readFile(join(folder, `${name}.json`), 'utf8')))
  } catch {
    return
  }
  const file = join(folder, `${name}.pixels`)
  list.images.forEach(([hash, check, sums, resized], i) => {
    into.set(hash, { file, offset: i * list.imageBytes, check, sums: unpackSums(sums), resized })
  })
}

/** Bytes after which the list is written, so that little is lost with the process. */
const listEvery = 32 * 2 ** 20

export class PackWriter {
  private readonly images: List['images'] = []
  private bytes = 0
  private listed = 0
  private tail: Promise<void> = Promise.resolve()

  private constructor(
    private readonly folder: string,
    readonly name: string,
    private readonly handle: FileHandle,
    private readonly imageBytes: number,
  ) {}

  /** Throws FILE_UNWRITABLE. */
  static async create(folder: string, name: string, imageBytes: number): Promise<PackWriter> {
    await makeFolder(folder)
    const file = join(folder, `${name}.pixels`)
    try {
      return new PackWriter(folder, name, await open(file, 'wx'), imageBytes)
    } catch (thrown) {
      throw writeError(file, thrown)
    }
  }

  get length(): number {
    return this.bytes
  }

  /** Throws FILE_UNWRITABLE. */
  append({ pixels, hash, check, sums, resized }: DecodedImage): Promise<KeptImage> {
    const file = join(this.folder, `${this.name}.pixels`)
    const offset = this.bytes
    this.bytes += this.imageBytes
    return this.inTurn(async () => {
      try {
        await this.handle.write(bytesOf(pixels), 0, pixels.byteLength, offset)
      } catch (thrown) {
        throw writeError(file, thrown)
      }
      this.images.push([hash, check, packSums(sums), resized])
      if (offset + this.imageBytes - this.listed >= listEvery) await this.writeList()
      return { file, offset, check, sums, resized }
    })
  }

  /** Writes what is not listed yet. Throws FILE_UNWRITABLE. */
  close(): Promise<void> {
    return this.inTurn(async () => {
      try {
        await this.writeList()
      } finally {
        await this.handle.close()
      }
    })
  }

  private async writeList(): Promise<void> {
    const { imageBytes, images } = this
    const list: List = { format: 'interlock-pixels', version: 3, imageBytes, images }
    this.listed = images.length * imageBytes
    await writeFileAtomic(join(this.folder, `${this.name}.json`), JSON.stringify(list))
  }

  /** One write after the other: a list never tells of pixels that are not written. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.tail.then(work)
    this.tail = result.then(
      () => undefined,
      () => undefined,
    )
    return result
  }
}
