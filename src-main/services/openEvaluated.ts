import { InterlockError } from '#shared/issues/errors'
import type { ModelFile } from '#shared/export/json'
import { dataSchema } from '#shared/project/schema'
import { findRoot, namedRoot, partFolders } from '../storage/classRoot'
import { digitsSource } from '../storage/digits'
import { scanFolder, type FolderTree } from '../storage/folderTree'
import { openSource, sourcePath, type ImageSource, type OpenOptions } from './imageSource'

/**
 * Opens images that a model is compared with, split as those of its training where they can be: with the same class root where they
 * have it, by folders where they have train and test folders, by the same lists or blocks. Images that cannot be split so are other
 * images, of which everything is compared: their split is by seed. Throws as {@link openSource}.
 */
export async function openEvaluated(
  source: string,
  baseFolder: string,
  { classes, training }: Pick<ModelFile, 'classes' | 'training'>,
  options: OpenOptions,
): Promise<ImageSource> {
  if (source === digitsSource) return openSource(source, baseFolder)
  const { root = null, testFiles, ...split } = training.split ?? {}
  const scanned = await scanFolder(sourcePath(source, baseFolder), options)
  const named = root === null ? null : treeAt(() => namedRoot(scanned, root))
  const { tree } = named ?? findRoot(scanned, classes)
  const data = { ...dataSchema.parse(split), root: named === null ? null : root }
  if (data.splitBy === 'folders' && partFolders(tree) === null) data.splitBy = 'seed'
  const open = (splitBy: typeof data.splitBy) =>
    openSource(source, baseFolder, {
      ...options,
      ...(testFiles ? { testFiles } : {}),
      data: { ...data, splitBy },
      classes,
      scan: () => Promise.resolve(scanned),
    })
  return open(data.splitBy).catch((thrown: unknown) => {
    const others = ['DATA_LIST_UNMATCHED', 'DATA_NO_PLACE', 'DATA_PLACES_DIFFER', 'DATA_FEW_BLOCKS']
    if (thrown instanceof InterlockError && others.includes(thrown.code)) return open('seed')
    throw thrown
  })
}

function treeAt(find: () => { tree: FolderTree }): { tree: FolderTree } | null {
  try {
    return find()
  } catch {
    return null
  }
}
