import { dirname, isAbsolute, join, resolve } from 'node:path'
import { InterlockError } from '#shared/issues/errors'
import type { SkippedFile } from '#shared/rpc/services'
import { digitsSource, readDigits } from '../storage/digits'
import { listImageFolder, type ImageFolder } from '../storage/imageFolder'

/** Where images come from, listed but not decoded. */
export interface ImageSource {
  /** `sample:digits` or an absolute folder. */
  source: string
  classes: readonly { name: string; count: number }[]
  skipped: readonly SkippedFile[]
  /** Null for the digits. */
  folder: ImageFolder | null
}

/** Relative sources belong to the project file's folder, or to the working folder while there is no file. */
export function sourceFolder(projectFile: string | null): string {
  return projectFile === null ? process.cwd() : dirname(resolve(projectFile))
}

/**
 * Lists a project's images. `source` is `sample:digits` or a folder, relative to `baseFolder`, with `/`.
 * Throws DATA_NOT_CHOSEN, DATA_NOT_A_FOLDER, DATA_EMPTY, FILE_NOT_FOUND, FILE_UNREADABLE.
 */
export async function openSource(source: string | null, baseFolder: string): Promise<ImageSource> {
  if (source === null) throw new InterlockError('DATA_NOT_CHOSEN')
  if (source === digitsSource) {
    const { classes, images } = await readDigits()
    const counts = new Array<number>(classes.length).fill(0)
    for (const label of images.labels) counts[label] = (counts[label] ?? 0) + 1
    return {
      source,
      classes: classes.map((name, i) => ({ name, count: counts[i] ?? 0 })),
      skipped: [],
      folder: null,
    }
  }
  if (source.startsWith('sample:')) {
    throw new InterlockError('ARGUMENT_INVALID', {
      what: 'Data',
      expected: `a folder or ${digitsSource}`,
      found: source,
    })
  }
  const path = isAbsolute(source) ? source : join(baseFolder, source)
  const folder = await listImageFolder(path)
  const classes = folder.classes.map(({ name, files }) => ({ name, count: files.length }))
  return { source: path, classes, skipped: folder.skipped, folder }
}

/** Two classes are the least one can learn to tell apart. Throws DATA_ONE_CLASS. */
export function requireTwoClasses(source: ImageSource): void {
  const only = source.classes[0]
  if (source.classes.length === 1 && only !== undefined) {
    throw new InterlockError('DATA_ONE_CLASS', { folder: source.source, className: only.name })
  }
}
