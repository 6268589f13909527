import { readFile } from 'node:fs/promises'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { InterlockError } from '#shared/issues/errors'
import type { SplitFallback } from '#shared/evaluation/summary'
import type { SkippedFile } from '#shared/rpc/services'
import { dataSchema, type DataSettings } from '#shared/project/schema'
import { readError } from '../storage/atomicFile'
import { digitsSource, readDigits } from '../storage/digits'
import { scanFolder, type ScannedFolder, type ScanOptions } from '../storage/folderTree'
import { filesOf, listClasses, type ImageFolder } from '../storage/imageFolder'
import { listLines } from '../storage/partLists'
import {
  splitByFolders,
  splitByLists,
  splitByPlace,
  splitBySeed,
  validatedElsewhere,
  type ImageSplit,
  type PartLists,
} from './imageSplit'
import { readPlaces, type KnownPlaces } from './tilePlaces'

/** Where images come from, listed but not decoded. */
export interface ImageSource {
  /** `sample:digits` or an absolute folder. */
  source: string
  classes: readonly { name: string; count: number }[]
  skipped: readonly SkippedFile[]
  /** Null for the digits. */
  folder: ImageFolder | null
  split: ImageSplit
  /** Other images that are validated on, of some or all of these classes. */
  validation: ImageSource | null
  /** They could not be split as a model's were, and are split by seed. */
  fallback?: SplitFallback
  /** Positions, over all classes, of images that are left out; they stay in their part, which goes without them. */
  excluded: ReadonlySet<number>
}

/** How a folder is taken. */
export type SourceSettings = Pick<
  DataSettings,
  | 'root'
  | 'splitBy'
  | 'trainingList'
  | 'validationList'
  | 'testList'
  | 'blockSize'
  | 'blockBuffer'
  | 'validationSplit'
  | 'testSplit'
  | 'splitSeed'
> &
  Partial<Pick<DataSettings, 'excluded' | 'validationSource'>>

export interface OpenOptions extends ScanOptions {
  /** Default: as in a new project. */
  data?: SourceSettings
  /** Places that are known already. */
  places?: KnownPlaces
  /** The names of a test part in place of the lists, where a model brings them. */
  testFiles?: readonly string[]
  /** Classes that are looked for where the root is found. */
  classes?: readonly string[]
  /** Walks a folder, or answers what is known of it (default: {@link scanFolder}). */
  scan?: (folder: string, options: ScanOptions) => Promise<ScannedFolder>
}

/** Relative sources belong to the project file's folder, or to the working folder while there is no file. */
export function sourceFolder(projectFile: string | null): string {
  return projectFile === null ? process.cwd() : dirname(resolve(projectFile))
}

/** Full path of a source that is a folder. Throws DATA_NOT_CHOSEN, ARGUMENT_INVALID for a sample that there is not. */
export function sourcePath(source: string | null, baseFolder: string): string {
  if (source === null) throw new InterlockError('DATA_NOT_CHOSEN')
  if (source.startsWith('sample:')) {
    throw new InterlockError('ARGUMENT_INVALID', {
      what: 'Data',
      expected: `a folder or ${digitsSource}`,
      found: source,
    })
  }
  return isAbsolute(source) ? source : join(baseFolder, source)
}

/**
 * Lists a project's images, and those it is validated on where these are others. `source` is `sample:digits` or a folder, relative to
 * `baseFolder`, with `/`. Throws DATA_NOT_CHOSEN, DATA_NOT_A_FOLDER, DATA_EMPTY, DATA_ROOT_MISSING, DATA_NO_PARTS, DATA_NO_LISTS,
 * DATA_LIST_UNMATCHED, DATA_NO_PLACE, DATA_PLACES_DIFFER, DATA_FEW_BLOCKS, DATA_CLASSES_DIFFER, FILE_NOT_FOUND,
 * FILE_UNREADABLE, and the signal's reason.
 */
export async function openSource(
  source: string | null,
  baseFolder: string,
  options: OpenOptions = {},
): Promise<ImageSource> {
  const { data = dataSchema.parse({}) } = options
  const opened =
    source === digitsSource ? await openDigits() : await openFolder(source, data, baseFolder, options)
  const { validationSource = null } = data
  if (validationSource === null) return opened
  const validation = await openValidation(validationSource, baseFolder, opened, options)
  return { ...opened, validation, split: validatedElsewhere(opened.split) }
}

async function openFolder(
  source: string | null,
  data: SourceSettings,
  baseFolder: string,
  options: OpenOptions,
): Promise<ImageSource> {
  const path = sourcePath(source, baseFolder)
  const { classes: known, scan = scanFolder } = options
  const byPart = data.splitBy === 'folders'
  const scanned = await scan(path, options)
  const folder = listClasses(scanned, { root: data.root, byPart, ...(known ? { classes: known } : {}) })
  const classes = folder.classes.map(({ name, files }) => ({ name, count: files.length }))
  const split = await splitFolder(folder, data, baseFolder, options)
  const excluded = excludedOf(folder, data.excluded ?? [])
  return { source: path, classes, skipped: folder.skipped, folder, split, validation: null, excluded }
}

/**
 * Images that are validated on in place of a part of `trained`, whose classes they have. Throws as {@link openSource}, and
 * DATA_CLASSES_DIFFER.
 */
export async function openValidation(
  source: string,
  baseFolder: string,
  trained: Pick<ImageSource, 'source' | 'classes'>,
  { scan, signal, onScanned }: Pick<OpenOptions, 'scan' | 'signal' | 'onScanned'> = {},
): Promise<ImageSource> {
  const classes = trained.classes.map(({ name }) => name)
  const opened = await openSource(source, baseFolder, {
    classes,
    signal,
    ...(scan ? { scan } : {}),
    ...(onScanned ? { onScanned } : {}),
  })
  requireClasses(opened, classes, trained.source)
  return opened
}

async function splitFolder(
  folder: ImageFolder,
  data: SourceSettings,
  baseFolder: string,
  options: OpenOptions,
): Promise<ImageSplit> {
  switch (data.splitBy) {
    case 'seed':
      return splitBySeed(folder.classes.map(({ files }) => files.length))
    case 'folders':
      return splitByFolders(folder)
    case 'lists': {
      const { testFiles } = options
      const own = { training: null, validation: null, test: { name: 'the model', lines: testFiles ?? [] } }
      return splitByLists(folder, testFiles ? own : await readLists(data, baseFolder))
    }
    case 'blocks': {
      const { places, signal } = options
      const found = await readPlaces(folder.folder, filesOf(folder), places, {
        signal,
        onRead: options.onScanned,
      })
      return splitByPlace(folder, found, data)
    }
  }
}

/** Throws FILE_NOT_FOUND, FILE_UNREADABLE. */
async function readLists(data: SourceSettings, baseFolder: string): Promise<PartLists> {
  const read = async (path: string | null) => {
    if (path === null) return null
    const name = isAbsolute(path) ? path : join(baseFolder, path)
    const text = await readFile(name, 'utf8').catch((thrown: unknown) => {
      throw readError(name, thrown)
    })
    return { name, lines: listLines(text) }
  }
  const { trainingList, validationList, testList } = data
  return {
    training: await read(trainingList),
    validation: await read(validationList),
    test: await read(testList),
  }
}

async function openDigits(): Promise<ImageSource> {
  const { classes, images } = await readDigits()
  const counts = new Array<number>(classes.length).fill(0)
  for (const label of images.labels) counts[label] = (counts[label] ?? 0) + 1
  return {
    source: digitsSource,
    classes: classes.map((name, i) => ({ name, count: counts[i] ?? 0 })),
    skipped: [],
    folder: null,
    split: splitBySeed(counts),
    validation: null,
    excluded: new Set(),
  }
}

/** Path of an image relative to the source, as a project names it. */
export function sourcePathOf({ root }: ImageFolder, file: string): string {
  return root === '.' ? file : `${root}/${file}`
}

function excludedOf(folder: ImageFolder, names: readonly string[]): Set<number> {
  if (names.length === 0) return new Set()
  const excluded = new Set(names)
  const files = folder.classes.flatMap(({ files: own }) => own)
  return new Set(Array.from(files.keys()).filter((i) => excluded.has(sourcePathOf(folder, files[i]!))))
}

/** Two classes are the least one can learn to tell apart. Throws DATA_ONE_CLASS. */
export function requireTwoClasses(source: ImageSource): void {
  const only = source.classes[0]
  if (source.classes.length === 1 && only !== undefined) {
    throw new InterlockError('DATA_ONE_CLASS', {
      folder: source.folder?.folder ?? source.source,
      className: only.name,
    })
  }
}

/** Every class must be one that `other` has. Throws DATA_CLASSES_DIFFER. */
export function requireClasses(source: ImageSource, classes: readonly string[], other: string): void {
  const unknown = source.classes.map(({ name }) => name).filter((name) => !classes.includes(name))
  if (unknown.length > 0) {
    throw new InterlockError('DATA_CLASSES_DIFFER', {
      folder: source.source,
      found: source.classes.map(({ name }) => name).join(', '),
      other,
      expected: classes.join(', '),
    })
  }
}
