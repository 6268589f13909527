/**
 * Which folder's sub-folders are the classes. Going down from the chosen folder, the root is the first folder with images in two or
 * more of its sub-folders; on the way there, each has them in one only (`download/EuroSAT_RGB/EuroSAT/AnnualCrop/…`). Where the way
 * ends without such a folder, it is the chosen one itself.
 */
import { InterlockError } from '#shared/issues/errors'
import { partOfName, type Part } from '#shared/project/parts'
import type { RootCandidate } from '#shared/rpc/services'
import type { FolderTree, ScannedFolder } from './folderTree'

export interface ClassRoot {
  /** Below the chosen folder, with `/`; `.` is that folder itself. */
  root: string
  tree: FolderTree
}

const withImages = (tree: FolderTree): FolderTree[] => tree.folders.filter(({ images }) => images > 0)

const below = (root: string, name: string): string => (root === '.' ? name : `${root}/${name}`)

/** The folders that one comes through on the way down to the found root, that one last. */
function wayDown(tree: FolderTree): ClassRoot[] {
  const way: ClassRoot[] = [{ root: '.', tree }]
  for (;;) {
    const { root, tree: at } = way.at(-1) as ClassRoot
    const inner = withImages(at)
    if (inner.length > 1) return way
    const [only] = inner
    if (only === undefined) return way.slice(0, 1)
    way.push({ root: below(root, only.name), tree: only })
  }
}

/**
 * The root by the rule above. `classes`: names that are looked for, as those of a model; then the first folder on the way down of
 * whose sub-folders all are such names goes before.
 */
export function findRoot({ tree }: ScannedFolder, classes?: readonly string[]): ClassRoot {
  const way = wayDown(tree)
  const known = way.find(({ tree: at }) => {
    const inner = withImages(at)
    return inner.length > 0 && inner.every(({ name }) => classes?.includes(name))
  })
  return known ?? (way.at(-1) as ClassRoot)
}

/** The root a project names. Throws DATA_ROOT_MISSING where no such folder with images in sub-folders is there. */
export function namedRoot({ folder, tree }: ScannedFolder, root: string): ClassRoot {
  let at: FolderTree | undefined = tree
  for (const name of root.split('/').filter((part) => part !== '' && part !== '.')) {
    at = at?.folders.find((inner) => inner.name === name)
  }
  if (at === undefined || withImages(at).length === 0)
    throw new InterlockError('DATA_ROOT_MISSING', { folder, root })
  return { root, tree: at }
}

/** Folders with images in at least two sub-folders, any of which may be the root: from the top down, then by code point. */
export function rootCandidates({ tree }: ScannedFolder): RootCandidate[] {
  const found: RootCandidate[] = []
  let level: ClassRoot[] = [{ root: '.', tree }]
  while (level.length > 0) {
    for (const { root, tree: at } of level) {
      const classes = withImages(at)
      if (classes.length < 2) continue
      const images = classes.reduce((sum, inner) => sum + inner.images, 0)
      found.push({ root, classes: classes.length, images })
    }
    level = level.flatMap(({ root, tree: at }) =>
      withImages(at).map((inner) => ({ root: below(root, inner.name), tree: inner })),
    )
  }
  return found
}

/** Sub-folders of a root that are named after a part, by part; null where there is none for training, or no other. */
export function partFolders(tree: FolderTree): Record<Part, readonly FolderTree[]> | null {
  const inner = withImages(tree)
  const of = (part: Part) => inner.filter(({ name }) => partOfName(name) === part)
  const parts = { training: of('training'), validation: of('validation'), test: of('test') }
  return parts.training.length > 0 && parts.validation.length + parts.test.length > 0 ? parts : null
}
