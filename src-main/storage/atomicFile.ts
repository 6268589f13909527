import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { InterlockError } from '#shared/issues/errors'

/** What each operating-system error means to a person. */
const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would be too large for this disk',
  ENOTDIR: 'part of the path is a file, not a folder',
  EISDIR: 'it is a folder',
  ENOENT: 'the folder does not exist',
  EEXIST: 'a file of that name is in the way',
  ENAMETOOLONG: 'the name is too long',
  EMFILE: 'too many files are open',
  ELOOP: 'its links lead in a circle',
  EIO: 'the disk reported an error',
}

/** The reason in a failed file operation, in plain words. */
export function fileProblem(thrown: unknown): string {
  const code = (thrown as NodeJS.ErrnoException | null)?.code
  if (code !== undefined && reasons[code] !== undefined) return reasons[code]
  return thrown instanceof Error ? thrown.message : String(thrown)
}

/** FILE_NOT_FOUND or FILE_UNREADABLE for a failed read; errors that already carry a code pass through. */
export function readError(file: string, thrown: unknown): InterlockError {
  if (thrown instanceof InterlockError) return thrown
  const code = (thrown as NodeJS.ErrnoException | null)?.code
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new InterlockError('FILE_NOT_FOUND', { file }, { cause: thrown })
  return new InterlockError('FILE_UNREADABLE', { file, problem: fileProblem(thrown) }, { cause: thrown })
}

/** A whole file. Throws FILE_NOT_FOUND, FILE_UNREADABLE. */
export async function readBytes(file: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (thrown) {
    throw readError(file, thrown)
  }
}

/** FILE_UNWRITABLE for a failed write; errors that already carry a code pass through. */
export function writeError(file: string, thrown: unknown): InterlockError {
  if (thrown instanceof InterlockError) return thrown
  return new InterlockError('FILE_UNWRITABLE', { file, problem: fileProblem(thrown) }, { cause: thrown })
}

/**
 * Creates a folder with its parents. Throws FILE_UNWRITABLE. Level by level, since Node's recursive mkdir never returns
 * where a file system answers ENOENT although the parent exists (/proc does).
 */
export async function makeFolder(folder: string): Promise<void> {
  try {
    if (await isFolder(folder)) return
    const parent = dirname(folder)
    if (parent !== folder) await makeFolder(parent)
    await mkdir(folder)
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'EEXIST' && (await isFolder(folder))) return
    throw writeError(folder, thrown)
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() ?? false
}

/**
 * Replaces a file's content as a whole: a reader finds the old content or the new, never a part, also after a power
 * cut (temporary file beside it, fsync, rename, fsync of the folder). `content` may come in pieces, written in order.
 * Throws FILE_UNWRITABLE; the old file is then untouched.
 */
export async function writeFileAtomic(
  file: string,
  content: string | Uint8Array | readonly Uint8Array[],
): Promise<void> {
  const pieces =
    typeof content === 'string' ? [Buffer.from(content)] : isPieces(content) ? content : [content]
  await writeFileAtomicBy(file, async (handle) => {
    for (const piece of pieces) await handle.writeFile(piece)
  })
}

/** As {@link writeFileAtomic}, for content that is never in memory as a whole. What `write` throws with a code passes through. */
export async function writeFileAtomicBy(
  file: string,
  write: (handle: FileHandle) => Promise<void>,
): Promise<void> {
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`
  try {
    const handle = await open(temporary, 'wx')
    try {
      await write(handle)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await replace(temporary, file)
    await syncFolder(dirname(file))
  } catch (thrown) {
    await rm(temporary, { force: true }).catch(() => undefined)
    throw writeError(file, thrown)
  }
}

/**
 * Renames over a file. On Windows a virus scanner or indexer that has either open for a moment makes that fail; it is tried
 * again for about two seconds.
 */
async function replace(temporary: string, file: string): Promise<void> {
  for (let wait = 10; ; wait *= 2) {
    try {
      return await rename(temporary, file)
    } catch (thrown) {
      const code = (thrown as NodeJS.ErrnoException).code ?? ''
      const passing = process.platform === 'win32' && ['EPERM', 'EACCES', 'EBUSY'].includes(code)
      if (!passing || wait > 1280) throw thrown
      await setTimeout(wait)
    }
  }
}

function isPieces(content: Uint8Array | readonly Uint8Array[]): content is readonly Uint8Array[] {
  return Array.isArray(content)
}

/** Makes a rename itself durable. Windows and some network disks cannot; there it does nothing. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch {
    // Not supported here: the rename is still atomic, only its moment on disk is the system's choice.
  }
}
