import type { ModelFile } from '#shared/export/json'
import { findRoot, namedRoot, partFolders } from '../storage/classRoot'
import { scanFolder } from '../storage/folderTree'
import { openSource, sourcePath, type ImageSource, type OpenOptions } from './imageSource'
import { digitsSource } from '../storage/digits'

/**
 * Opens images that a model is compared with, split as those of its training where they are such: with the same class root where
 * they have it, and by folders where they have train and test folders. Throws as {@link openSource}.
 */
export async function openEvaluated(
  source: string,
  baseFolder: string,
  { classes, training }: Pick<ModelFile, 'classes' | 'training'>,
  options: OpenOptions = {},
): Promise<ImageSource> {
  if (source === digitsSource) return openSource(source, baseFolder)
  const { root = null, splitBy = 'seed' } = training.split ?? {}
  const scanned = await scanFolder(sourcePath(source, baseFolder), options)
  const named = root === null ? null : namedOrNull(() => namedRoot(scanned, root))
  const { tree } = named ?? findRoot(scanned, classes)
  const data = {
    root: named === null ? null : root,
    splitBy: splitBy === 'folders' && partFolders(tree) === null ? ('seed' as const) : splitBy,
  }
  return openSource(source, baseFolder, { ...options, data, classes, scan: () => Promise.resolve(scanned) })
}

function namedOrNull<T>(find: () => T): T | null {
  try {
    return find()
  } catch {
    return null
  }
}
