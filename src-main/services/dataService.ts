import { join } from 'node:path'
import type { DataService, DataSummary } from '#shared/rpc/services'
import { readDigits } from '../storage/digits'
import type { DecodePool } from '../storage/decoding/decodePool'
import type { ImageStore } from '../storage/gatherImages'
import { inspectSource } from './inspectSource'
import { openSource, requireTwoClasses, sourceFolder, type ImageSource } from './imageSource'

type Example = { className: string; png: Uint8Array }

/** Side of the example pictures, in pixels. */
const exampleSize = 96

export class ImageData implements DataService {
  constructor(private readonly images: ImageStore) {}

  async inspect(source: string, projectFile: string | null): Promise<DataSummary> {
    const opened = await openSource(source, sourceFolder(projectFile))
    requireTwoClasses(opened)
    return inspectSource(opened, this.images.pool)
  }

  cacheSize(): Promise<number> {
    return this.images.cache.size()
  }

  async clearCache(): Promise<number> {
    await this.images.cache.clear()
    return this.images.cache.size()
  }

  async examples(source: string, projectFile: string | null, perClass: number): Promise<Example[]> {
    const opened = await openSource(source, sourceFolder(projectFile))
    return opened.folder === null
      ? digitExamples(perClass)
      : folderExamples(opened, this.images.pool, perClass)
  }
}

async function folderExamples(
  { folder }: ImageSource,
  pool: DecodePool,
  perClass: number,
): Promise<Example[]> {
  const size = { height: exampleSize, width: exampleSize, channels: 3, resize: 'pad' } as const
  const examples: Example[] = []
  for (const { name, files } of folder?.classes ?? []) {
    let found = 0
    // Unreadable ones are passed over here; the summary and the training list them.
    for (const file of files.slice(0, perClass * 4)) {
      if (found === perClass) break
      const path = join(folder?.folder ?? '', name, file)
      const image = await pool.decode(path, size).catch(() => null)
      if (image === null) continue
      examples.push({ className: name, png: await encodePng(image.pixels, exampleSize, exampleSize, 3) })
      found++
    }
  }
  return examples
}

async function digitExamples(perClass: number): Promise<Example[]> {
  const { images, classes } = await readDigits()
  const { height, width } = images
  const size = height * width
  const chosen = classes.flatMap((name, label) => {
    const first = images.labels.indexOf(label)
    return Array.from({ length: perClass }, (_, i) => ({ name, index: first + i }))
  })
  return Promise.all(
    chosen.map(async ({ name, index }) => {
      const pixels = images.pixels.slice(index * size, (index + 1) * size)
      return {
        className: name,
        png: await encodePng(pixels, width, height, 1),
      }
    }),
  )
}

async function encodePng(
  data: Uint8Array,
  width: number,
  height: number,
  channels: 1 | 3,
): Promise<Uint8Array> {
  // Loaded when pictures are shown; a training does without it.
  const { default: sharp } = await import('sharp')
  return sharp(data, { raw: { width, height, channels } }).png().toBuffer()
}
