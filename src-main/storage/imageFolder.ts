import { join, relative, sep } from 'node:path'
import { InterlockError } from '#shared/issues/errors'
import { parts, type Part } from '#shared/project/parts'
import type { SkippedFile } from '#shared/rpc/services'
import { bandFilesOf, groupBandFiles } from './bandFiles'
import { findRoot, namedRoot, partFolders } from './classRoot'
import { compareCodePoints } from './compareCodePoints'
import { imagesBelow, scanFolder, type FolderTree, type ScannedFolder, type ScanOptions } from './folderTree'
import { imageFormatNames } from './imageFormat'

export interface ImageClass {
  name: string
  /** Paths relative to the root, with `/`, sorted by code point. */
  files: readonly string[]
}

export interface ImageFolder {
  /** Full path of the root. */
  folder: string
  /** The same below the chosen folder, with `/`; `.` is that folder itself. */
  root: string
  /** Sorted by code point of their name. Every class has at least one file that may be an image. */
  classes: readonly ImageClass[]
  /** The part that each of the root's sub-folders stands for; null where they are classes. */
  parts: ReadonlyMap<string, Part> | null
  /** Each band is a file of its own: these, in their order. Null where a file is an image. */
  bandFiles: readonly string[] | null
  skipped: readonly SkippedFile[]
}

/** Which of a scanned folder's sub-folders are classes. */
export interface ClassChoice {
  /** As `data.root`: null is found. */
  root: string | null
  /** The root's sub-folders are parts (train, val, test), and the classes are below them. */
  byPart: boolean
  /** Names that are looked for where the root is found. */
  classes?: readonly string[]
}

/**
 * The class folders of a scanned folder, as torchvision's ImageFolder has them: classes sorted by code point, folders inside a class
 * walked. What lies outside of them is listed with the reason. Throws DATA_EMPTY, DATA_ROOT_MISSING, DATA_NO_PARTS.
 */
export function listClasses(scanned: ScannedFolder, choice: ClassChoice): ImageFolder {
  const { root, tree } =
    choice.root === null ? findRoot(scanned, choice.classes) : namedRoot(scanned, choice.root)
  const folder = root === '.' ? scanned.folder : join(scanned.folder, root)
  const byPart = choice.byPart ? requireParts(folder, tree) : null
  const files = new Map<string, string[]>()
  /** Folders that are classes, below the root with `/` at the end. */
  const taken: string[] = []
  const take = (from: FolderTree, inner: string) => {
    for (const one of from.folders) {
      const path = `${inner}${one.name}/`
      taken.push(path)
      if (one.images === 0) continue
      const own = files.get(one.name) ?? []
      for (const file of imagesBelow(one)) own.push(path + file)
      files.set(one.name, own)
    }
  }
  if (byPart === null) take(tree, '')
  else
    for (const { tree: part } of byPart) {
      const within = findRoot({ ...scanned, tree: part }, choice.classes)
      take(within.tree, within.root === '.' ? `${part.name}/` : `${part.name}/${within.root}/`)
    }
  // Which bands there are is found over all classes, so that every image has the same.
  const grouped = groupBandFiles([...files.values()].flat())
  if (grouped.bands !== null) {
    const classOf = new Map(
      Array.from(files, ([name, own]) => own.map((file) => [file, name] as const)).flat(),
    )
    for (const name of files.keys()) files.set(name, [])
    for (const file of grouped.files) files.get(classOf.get(bandFilesOf(file)[0]!)!)!.push(file)
  }
  const classes = Array.from(files, ([name, own]) => ({ name, files: own.sort(compareCodePoints) })).filter(
    ({ files }) => files.length > 0,
  )
  classes.sort((a, b) => compareCodePoints(a.name, b.name))
  if (classes.length === 0) {
    const found = whatIsThere(scanned)
    throw new InterlockError('DATA_EMPTY', { folder, found, formats: imageFormatNames })
  }
  const way = root === '.' ? '' : `${root}/`
  return {
    folder,
    root,
    classes,
    parts: byPart && new Map(byPart.map(({ part, tree: { name } }) => [name, part])),
    bandFiles: grouped.bands,
    skipped: [
      ...grouped.skipped.map(({ file, reason }) => ({ file: join(folder, file), reason })),
      ...passedOver(
        scanned,
        taken.map((path) => way + path),
      ),
    ],
  }
}

/** In words, of a folder in which no class was found. */
function whatIsThere({ folder, tree, skipped }: ScannedFolder): string {
  const several = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`
  const told = [
    ...(tree.files.length > 0
      ? [`${several(tree.files.length, 'image lies', 'images lie')} in it directly, in no sub-folder`]
      : []),
    ...(tree.folders.length > 0
      ? [`no image in its ${several(tree.folders.length, 'folder', 'folders')}`]
      : []),
    ...skipped
      .slice(0, 1)
      .map(
        ({ file, reason }) =>
          `${several(skipped.length, 'other was', 'others were')} passed over, the first is ${relative(folder, file)}, which ${reason}`,
      ),
  ]
  return told.length === 0 ? 'it is empty' : told.join('; ')
}

/** Full paths of a folder's images, class by class. */
export function filesOf({ folder, classes }: ImageFolder): string[] {
  return classes.flatMap(({ files }) => files.map((file) => join(folder, file)))
}

function requireParts(folder: string, tree: FolderTree): { part: Part; tree: FolderTree }[] {
  const found = partFolders(tree)
  if (found === null) {
    const names = tree.folders.map(({ name }) => name).join(', ') || 'no folders'
    throw new InterlockError('DATA_NO_PARTS', { folder, found: names })
  }
  return parts.flatMap((part) => found[part].map((tree) => ({ part, tree })))
}

/** A folder with more images outside the class folders than this is listed itself, in their place. */
const listedFiles = 20

/** What the scan passed over, and what is there besides the class folders `taken` (below the scanned folder, with `/` at the end). */
function passedOver({ folder, tree, skipped }: ScannedFolder, taken: readonly string[]): SkippedFile[] {
  const classes = new Set(taken)
  const ways = new Set(
    taken.flatMap((path) => Array.from(path.matchAll(/\//g), ({ index }) => path.slice(0, index + 1))),
  )
  const outside: SkippedFile[] = []
  const visit = (at: FolderTree, path: string) => {
    const full = join(folder, path)
    if (classes.has(path)) {
      if (at.images === 0) outside.push({ file: full, reason: 'is a folder without images' })
      return
    }
    const onTheWay = path === '' || ways.has(path)
    const count = onTheWay ? at.files.length : at.images
    if (count > listedFiles || (count > 0 && !onTheWay))
      outside.push({ file: full, reason: `holds ${count} images outside the class folders` })
    else
      for (const name of onTheWay ? at.files : [])
        outside.push({ file: join(full, name), reason: outsideReason })
    if (onTheWay) for (const inner of at.folders) visit(inner, `${path}${inner.name}/`)
  }
  visit(tree, '')
  const isInside = (file: string) => {
    const path = relative(folder, file).split(sep).join('/')
    return Array.from(path.matchAll(/\//g)).some(({ index }) => classes.has(path.slice(0, index + 1)))
  }
  const others = skipped.map(({ file, reason }) =>
    reason.startsWith('is not a') && !isInside(file) ? { file, reason: outsideReason } : { file, reason },
  )
  return [...others, ...outside]
}

const outsideReason = 'lies outside the class folders'

/** As {@link listClasses}, of a folder on disk. Throws also as {@link scanFolder}. */
export async function listImageFolder(
  folder: string,
  choice: ClassChoice = { root: null, byPart: false },
  options: ScanOptions = {},
): Promise<ImageFolder> {
  return listClasses(await scanFolder(folder, options), choice)
}

/** All images in a folder of any depth, as full paths sorted by code point; for prediction. Throws as {@link scanFolder}. */
export async function listImages(
  folder: string,
): Promise<{ files: string[]; skipped: readonly SkippedFile[] }> {
  const { tree, skipped } = await scanFolder(folder)
  const grouped = groupBandFiles(imagesBelow(tree))
  const full = (file: string) => join(folder, file)
  return {
    files: grouped.files.map(full),
    skipped: [...skipped, ...grouped.skipped.map(({ file, reason }) => ({ file: full(file), reason }))],
  }
}
