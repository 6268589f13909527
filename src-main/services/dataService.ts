import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import type { DataService, DataSummary } from '#shared/rpc/services'
import { decodeImage } from '../storage/decodeImage'
import { readDigits } from '../storage/digits'
import { inspectSource } from './inspectSource'
import { openSource, requireTwoClasses, sourceFolder, type ImageSource } from './imageSource'

type Example = { className: string; png: Uint8Array }

/** Side of the example pictures, in pixels. */
const exampleSize = 96

export class ImageData implements DataService {
  async inspect(source: string, projectFile: string | null): Promise<DataSummary> {
    const opened = await openSource(source, sourceFolder(projectFile))
    requireTwoClasses(opened)
    return inspectSource(opened)
  }

  async examples(source: string, projectFile: string | null, perClass: number): Promise<Example[]> {
    const opened = await openSource(source, sourceFolder(projectFile))
    return opened.folder === null ? digitExamples(perClass) : folderExamples(opened, perClass)
  }
}

async function folderExamples({ folder }: ImageSource, perClass: number): Promise<Example[]> {
  const size = { height: exampleSize, width: exampleSize, channels: 3, resize: 'pad' } as const
  const examples: Example[] = []
  for (const { name, files } of folder?.classes ?? []) {
    let found = 0
    // Unreadable ones are passed over here; the summary and the training list them.
    for (const file of files.slice(0, perClass * 4)) {
      if (found === perClass) break
      const path = join(folder?.folder ?? '', name, file)
      const pixels = await readFile(path)
        .then((bytes) => decodeImage(path, bytes, size))
        .catch(() => null)
      if (pixels === null) continue
      const png = await sharp(pixels, { raw: { width: exampleSize, height: exampleSize, channels: 3 } })
        .png()
        .toBuffer()
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
        png: await sharp(pixels, { raw: { width, height, channels: 1 } })
          .png()
          .toBuffer(),
      }
    }),
  )
}
