import type { Dirent } from 'node:fs'
import { open, readdir, realpath, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { InterlockError } from '#shared/issues/errors'
import type { SkippedFile } from '#shared/rpc/services'
import { fileProblem, readError } from './atomicFile'
import { compareCodePoints } from './compareCodePoints'
import { formatBytes, imageEndings, imageFormat, imageFormatNames } from './imageFormat'

/** A folder and what is below it, sorted by code point. */
export interface FolderTree {
  name: string
  /** Names of the files in it that may be images. */
  files: string[]
  /** Those that can be read, also the ones without images. */
  folders: FolderTree[]
  /** Images in it and below. */
  images: number
}

export interface ScannedFolder {
  /** Its full path; the tree's own name is empty. */
  folder: string
  tree: FolderTree
  /** What was passed over, in the order of the tree. */
  skipped: readonly SkippedFile[]
}

export interface ScanOptions {
  /** Called often: so many files were looked at. */
  onScanned?(files: number): void
  signal?: AbortSignal | undefined
}

/** Files looked at side by side; most of them only wait for the disk. */
const lookedAtOnce = 64

/**
 * Walks a folder to any depth, links followed. Files are told by content where their ending says nothing; hidden files are passed
 * over; anything else that is no image is listed with the reason, as is a folder that cannot be read or a link back to a folder it
 * lies in. Nothing is decoded. Throws FILE_NOT_FOUND, FILE_UNREADABLE, DATA_NOT_A_FOLDER, and the signal's reason.
 */
export async function scanFolder(folder: string, options: ScanOptions = {}): Promise<ScannedFolder> {
  const scan = new Scan(options)
  try {
    if (!(await stat(folder)).isDirectory()) throw new InterlockError('DATA_NOT_A_FOLDER', { folder })
    const [real, entries] = [await realpath(folder), await readdir(folder, { withFileTypes: true })]
    const tree = await scan.walk(folder, '', entries, [real])
    return { folder, tree, skipped: scan.skipped }
  } catch (thrown) {
    options.signal?.throwIfAborted()
    throw readError(folder, thrown)
  }
}

/** What an entry of a folder turned out to be. */
type Found = 'image' | 'folder' | { reason: string }

class Scan {
  readonly skipped: SkippedFile[] = []
  private files = 0

  constructor(private readonly options: ScanOptions) {}

  /** `ancestors` are real paths on the way here, this folder's last: a link to one of them is a loop. */
  async walk(
    path: string,
    name: string,
    entries: readonly Dirent[],
    ancestors: readonly string[],
  ): Promise<FolderTree> {
    const tree: FolderTree = { name, files: [], folders: [], images: 0 }
    const seen = entries
      .filter((entry) => !isHidden(entry.name))
      .sort((a, b) => compareCodePoints(a.name, b.name))
    for (let from = 0; from < seen.length; from += lookedAtOnce) {
      this.options.signal?.throwIfAborted()
      const some = seen.slice(from, from + lookedAtOnce)
      const found = await Promise.all(some.map((entry) => lookAt(join(path, entry.name), entry)))
      this.files += found.filter((one) => one !== 'folder').length
      this.options.onScanned?.(this.files)
      for (const [i, entry] of some.entries()) {
        const what = found[i] as Found
        if (what === 'image') tree.files.push(entry.name)
        else if (what === 'folder') {
          const inner = await this.enter(join(path, entry.name), entry, ancestors)
          if (inner !== null) tree.folders.push(inner)
        } else this.skipped.push({ file: join(path, entry.name), ...what })
      }
    }
    tree.images = tree.folders.reduce((sum, { images }) => sum + images, tree.files.length)
    return tree
  }

  private async enter(path: string, entry: Dirent, ancestors: readonly string[]): Promise<FolderTree | null> {
    let real: string
    let entries: Dirent[]
    try {
      real = entry.isSymbolicLink() ? await realpath(path) : join(ancestors.at(-1) ?? '', entry.name)
      if (ancestors.includes(real)) {
        this.skipped.push({ file: path, reason: 'is a link back to a folder it lies in' })
        return null
      }
      entries = await readdir(path, { withFileTypes: true })
    } catch (thrown) {
      this.skipped.push({ file: path, reason: `cannot be read: ${fileProblem(thrown)}` })
      return null
    }
    return this.walk(path, entry.name, entries, [...ancestors, real])
  }
}

async function lookAt(path: string, entry: Dirent): Promise<Found> {
  if (entry.isDirectory()) return 'folder'
  try {
    const info = await stat(path)
    if (info.isDirectory()) return 'folder'
    if (!info.isFile()) return { reason: 'is not a regular file' }
    if (info.size === 0) return { reason: 'is empty (0 bytes)' }
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException
    return {
      reason: code === 'ENOENT' ? 'is a link that leads nowhere' : `cannot be read: ${fileProblem(thrown)}`,
    }
  }
  return imageEndings.has(extname(entry.name).slice(1).toLowerCase()) ? 'image' : lookInside(path)
}

async function lookInside(path: string): Promise<Found> {
  try {
    const handle = await open(path, 'r')
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(formatBytes), 0, formatBytes, 0)
      return imageFormat(buffer.subarray(0, bytesRead)) === null
        ? { reason: `is not a ${imageFormatNames} image` }
        : 'image'
    } finally {
      await handle.close()
    }
  } catch (thrown) {
    return { reason: `cannot be read: ${fileProblem(thrown)}` }
  }
}

/** Dot files everywhere, and what Windows and macOS leave behind in picture folders. */
function isHidden(name: string): boolean {
  const lower = name.toLowerCase()
  return name.startsWith('.') || lower === 'thumbs.db' || lower === 'desktop.ini' || name === '__MACOSX'
}

/** The images in a tree, as paths relative to it, with `/`, sorted by code point. */
export function imagesBelow(tree: FolderTree): string[] {
  const files: string[] = []
  const collect = (at: FolderTree, inner: string) => {
    for (const name of at.files) files.push(inner + name)
    for (const folder of at.folders) collect(folder, `${inner}${folder.name}/`)
  }
  collect(tree, '')
  return files.sort(compareCodePoints)
}
