import type { Stats } from 'node:fs'
import { open, readdir, realpath, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { InterlockError } from '#shared/issues/errors'
import type { SkippedFile } from '#shared/rpc/services'
import { fileProblem, readError } from './atomicFile'
import { compareCodePoints } from './compareCodePoints'
import { formatBytes, imageEndings, imageFormat, imageFormatNames } from './imageFormat'

export interface ImageClass {
  name: string
  /** Paths relative to the class folder, with `/`, sorted by code point. */
  files: readonly string[]
}

export interface ImageFolder {
  folder: string
  /** Sorted by code point of their name. Every class has at least one file that may be an image. */
  classes: readonly ImageClass[]
  skipped: readonly SkippedFile[]
}

/**
 * Lists a folder with one sub-folder per class, as torchvision's ImageFolder does: classes sorted by code point, folders
 * inside a class walked. Files are told by content where their ending says nothing; hidden files are passed over; anything
 * else that is no image is listed with the reason, as is a folder that cannot be read. Nothing is decoded.
 * Throws FILE_NOT_FOUND, FILE_UNREADABLE, DATA_NOT_A_FOLDER, DATA_EMPTY.
 */
export async function listImageFolder(folder: string): Promise<ImageFolder> {
  const entries = await readFolder(folder)
  const skipped: SkippedFile[] = []
  const classes: ImageClass[] = []
  for (const name of entries) {
    const path = join(folder, name)
    const info = await statOrReason(path)
    if (typeof info === 'string') {
      skipped.push({ file: path, reason: info })
    } else if (!info.isDirectory()) {
      skipped.push({ file: path, reason: 'lies outside the class folders' })
    } else {
      const files: string[] = []
      await walk(path, '', [], files, skipped)
      files.sort(compareCodePoints)
      if (files.length > 0) classes.push({ name, files })
      else if (skipped.at(-1)?.file !== path)
        skipped.push({ file: path, reason: 'is a folder without images' })
    }
  }
  classes.sort((a, b) => compareCodePoints(a.name, b.name))
  if (classes.length === 0) throw new InterlockError('DATA_EMPTY', { folder, formats: imageFormatNames })
  return { folder, classes, skipped }
}

/** All images in a folder of any depth, as full paths sorted by code point; for prediction. Throws as {@link listImageFolder}. */
export async function listImages(folder: string): Promise<{ files: string[]; skipped: SkippedFile[] }> {
  await readFolder(folder)
  const files: string[] = []
  const skipped: SkippedFile[] = []
  await walk(folder, '', [], files, skipped)
  return { files: files.sort(compareCodePoints).map((file) => join(folder, file)), skipped }
}

/** Names in the folder that a person would see, unsorted. */
async function readFolder(folder: string): Promise<string[]> {
  try {
    if (!(await stat(folder)).isDirectory()) throw new InterlockError('DATA_NOT_A_FOLDER', { folder })
    return (await readdir(folder)).filter((name) => !isHidden(name))
  } catch (thrown) {
    throw readError(folder, thrown)
  }
}

/** Collects the images below `root/inner`. `ancestors` are real paths on the way here: a link back to one of them is a loop. */
async function walk(
  root: string,
  inner: string,
  ancestors: readonly string[],
  files: string[],
  skipped: SkippedFile[],
): Promise<void> {
  const folder = join(root, inner)
  let real: string
  let names: string[]
  try {
    real = await realpath(folder)
    if (ancestors.includes(real)) {
      skipped.push({ file: folder, reason: 'is a link back to a folder it lies in' })
      return
    }
    names = (await readdir(folder)).filter((name) => !isHidden(name))
  } catch (thrown) {
    skipped.push({ file: folder, reason: `cannot be read: ${fileProblem(thrown)}` })
    return
  }
  for (const name of names.sort(compareCodePoints)) {
    const relative = inner === '' ? name : `${inner}/${name}`
    const path = join(root, relative)
    const info = await statOrReason(path)
    if (typeof info === 'string') skipped.push({ file: path, reason: info })
    else if (info.isDirectory()) await walk(root, relative, [...ancestors, real], files, skipped)
    else if (!info.isFile()) skipped.push({ file: path, reason: 'is not a regular file' })
    else if (info.size === 0) skipped.push({ file: path, reason: 'is empty (0 bytes)' })
    else if (imageEndings.has(extname(name).slice(1).toLowerCase())) files.push(relative)
    else {
      const reason = await whyNoImage(path)
      if (reason === null) files.push(relative)
      else skipped.push({ file: path, reason })
    }
  }
}

async function whyNoImage(path: string): Promise<string | null> {
  try {
    const handle = await open(path, 'r')
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(formatBytes), 0, formatBytes, 0)
      return imageFormat(buffer.subarray(0, bytesRead)) === null ? `is not a ${imageFormatNames} image` : null
    } finally {
      await handle.close()
    }
  } catch (thrown) {
    return `cannot be read: ${fileProblem(thrown)}`
  }
}

/** What is there, or why that cannot be told. */
async function statOrReason(path: string): Promise<Stats | string> {
  try {
    return await stat(path)
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException
    return code === 'ENOENT' ? 'is a link that leads nowhere' : `cannot be read: ${fileProblem(thrown)}`
  }
}

/** Dot files everywhere, and what Windows and macOS leave behind in picture folders. */
function isHidden(name: string): boolean {
  const lower = name.toLowerCase()
  return name.startsWith('.') || lower === 'thumbs.db' || lower === 'desktop.ini' || name === '__MACOSX'
}
