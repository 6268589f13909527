import { InterlockError } from '#shared/issues/errors'
import type { SplitFallback } from '#shared/evaluation/summary'
import type { ModelFile } from '#shared/export/json'
import { dataSchema } from '#shared/project/schema'
import { findRoot, namedRoot, partFolders } from '../storage/classRoot'
import { digitsSource } from '../storage/digits'
import { scanFolder, type FolderTree } from '../storage/folderTree'
import { openSource, sourcePath, type ImageSource, type OpenOptions } from './imageSource'

/**
 * Opens images that a model is compared with, split as those of its training where they can be: with the same class root where they
 * have it, by folders where they have train and test folders, by the same lists or blocks. Images that cannot be split so are other
 * images, of which everything is compared: their split is by seed, and `fallback` says why. Throws as {@link openSource}.
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
  const { splitBy: by } = data
  const open = (splitBy: typeof by) =>
    openSource(source, baseFolder, {
      ...options,
      ...(testFiles ? { testFiles } : {}),
      data: { ...data, splitBy },
      classes,
      scan: () => Promise.resolve(scanned),
    })
  if (by === 'seed') return open(by)
  const bySeed = async (code: SplitFallback['code']) => ({ ...(await open('seed')), fallback: { by, code } })
  if (by === 'folders' && partFolders(tree) === null) return bySeed('DATA_NO_PARTS')
  return open(by).catch((thrown: unknown) => {
    const code = otherImages.find((one) => thrown instanceof InterlockError && thrown.code === one)
    if (code === undefined) throw thrown
    return bySeed(code)
  })
}

/** What says that images are others than those of the training. */
const otherImages = ['DATA_LIST_UNMATCHED', 'DATA_NO_PLACE', 'DATA_PLACES_DIFFER', 'DATA_FEW_BLOCKS'] as const

function treeAt(find: () => { tree: FolderTree }): { tree: FolderTree } | null {
  try {
    return find()
  } catch {
    return null
  }
}
