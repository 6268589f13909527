import { join } from 'node:path'
import type { DataSettings } from '#shared/project/schema'
import type {
  AugmentedExample,
  AugmentedExampleOf,
  DataEvent,
  DataService,
  DataSummary,
} from '#shared/rpc/services'
import { readDigits } from '../storage/digits'
import type { DecodePool } from '../storage/decoding/decodePool'
import { FolderScans } from './folderScans'
import type { ImageStore } from '../storage/gatherImages'
import type { ImageFolder } from '../storage/imageFolder'
import { AugmentedExamples } from './augmentedExamples'
import type { EngineClient } from './engineClient'
import { encodePng, fileThumbnail } from './thumbnails'
import { openSource, requireTwoClasses, sourceFolder, type ImageSource } from './imageSource'
import { summariseData } from './summariseData'

type Example = { className: string; png: Uint8Array }

/** Side of the example pictures, in pixels. */
const exampleSize = 96

/** The data of one window. */
export class ImageData implements DataService {
  private readonly augmentedExamples: AugmentedExamples
  private readonly scans = new FolderScans()
  private inspecting: AbortController | null = null

  constructor(
    engine: EngineClient,
    private readonly images: ImageStore,
    private readonly tell: (event: DataEvent) => void,
  ) {
    this.augmentedExamples = new AugmentedExamples(engine, images.pool)
  }

  async inspect(data: DataSettings, projectFile: string | null, again: boolean): Promise<DataSummary | null> {
    this.inspecting?.abort()
    const inspecting = (this.inspecting = new AbortController())
    if (again) this.scans.forget()
    try {
      const source = await this.open(data, projectFile, inspecting.signal)
      requireTwoClasses(source)
      const summary = await summariseData(source, this.scans.of(source.source), data, this.images.pool)
      return inspecting.signal.aborted ? null : summary
    } catch (thrown) {
      if (inspecting.signal.aborted) return null
      throw thrown
    } finally {
      if (this.inspecting === inspecting) this.inspecting = null
    }
  }

  stopInspecting(): Promise<void> {
    this.inspecting?.abort()
    return Promise.resolve()
  }

  async augmented(
    data: DataSettings,
    projectFile: string | null,
    asked: AugmentedExampleOf,
  ): Promise<AugmentedExample> {
    return this.augmentedExamples.show(await this.open(data, projectFile), data, asked)
  }

  cacheSize(): Promise<number> {
    return this.images.cache.size()
  }

  async clearCache(): Promise<number> {
    await this.images.cache.clear()
    return this.images.cache.size()
  }

  async examples(data: DataSettings, projectFile: string | null, perClass: number): Promise<Example[]> {
    const opened = await this.open(data, projectFile)
    return opened.folder === null
      ? digitExamples(perClass)
      : folderExamples(opened.folder, this.images.pool, data, perClass)
  }

  /** The source, listed; a folder that was walked last is not walked again. Throws as {@link openSource}. */
  open(data: DataSettings, projectFile: string | null, signal?: AbortSignal): Promise<ImageSource> {
    return openSource(data.source, sourceFolder(projectFile), {
      data,
      signal,
      places: this.scans.places,
      onScanned: (files) => this.tell({ type: 'scanning', files }),
      scan: (folder, options) => this.scans.scan(folder, options),
    })
  }
}

async function folderExamples(
  { folder, classes }: ImageFolder,
  pool: DecodePool,
  data: DataSettings,
  perClass: number,
): Promise<Example[]> {
  const examples: Example[] = []
  for (const { name, files } of classes) {
    let found = 0
    // Unreadable ones are passed over here; the summary and the training list them.
    for (const file of files.slice(0, perClass * 4)) {
      if (found === perClass) break
      const path = join(folder, file)
      const png = await fileThumbnail(pool, path, exampleSize, data).catch(() => null)
      if (png === null) continue
      examples.push({ className: name, png })
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
