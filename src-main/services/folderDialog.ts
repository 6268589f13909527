import { readdir, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { InterlockError } from '#shared/issues/errors'
import type { DialogService, FolderEntry, FolderListing } from '#shared/rpc/services'
import { readError } from '../storage/atomicFile'
import { compareCodePoints } from '../storage/compareCodePoints'

/** Folders for a picker in the window, where the shell has no native dialogs. The desktop shell has its own. */
export class FolderDialog implements DialogService {
  native(): Promise<boolean> {
    return Promise.resolve(false)
  }

  pickFolder(): Promise<string | null> {
    return Promise.resolve(null)
  }

  pickProjectToOpen(): Promise<string | null> {
    return Promise.resolve(null)
  }

  pickProjectToSave(): Promise<string | null> {
    return Promise.resolve(null)
  }

  pickReportToSave(): Promise<string | null> {
    return Promise.resolve(null)
  }

  pickSceneToOpen(): Promise<string | null> {
    return Promise.resolve(null)
  }

  pickListToOpen(): Promise<string | null> {
    return Promise.resolve(null)
  }

  /** Throws FILE_NOT_FOUND, FILE_UNREADABLE, DATA_NOT_A_FOLDER. */
  async listFolder(path: string | null, showFiles: boolean): Promise<FolderListing> {
    const folder = resolve(path ?? homedir())
    try {
      if (!(await stat(folder)).isDirectory()) throw new InterlockError('DATA_NOT_A_FOLDER', { folder })
      const names = (await readdir(folder)).filter((name) => !name.startsWith('.')).sort(compareCodePoints)
      const entries = await Promise.all(names.map((name) => entryOf(folder, name)))
      const shown = entries.filter(
        (entry): entry is FolderEntry =>
          entry !== null &&
          (entry.kind === 'folder' || (showFiles && /\.(json|tiff?|txt|csv|tsv|lst)$/i.test(entry.name))),
      )
      shown.sort((a, b) => (a.kind === b.kind ? 0 : a.kind === 'folder' ? -1 : 1))
      const parent = dirname(folder)
      return {
        path: folder,
        parent: parent === folder ? null : parent,
        entries: shown,
        places: await places(),
      }
    } catch (thrown) {
      throw readError(folder, thrown)
    }
  }
}

async function entryOf(folder: string, name: string): Promise<FolderEntry | null> {
  const path = join(folder, name)
  try {
    const info = await stat(path)
    if (!info.isDirectory() && !info.isFile()) return null
    return { name, path, kind: info.isDirectory() ? 'folder' : 'file' }
  } catch {
    // A broken link, or something that may not even be looked at: there is nothing to pick.
    return null
  }
}

async function places(): Promise<{ label: string; path: string }[]> {
  const found = [
    { label: 'Home', path: homedir() },
    { label: 'Working folder', path: process.cwd() },
  ]
  if (process.platform !== 'win32') return [...found, { label: 'Computer', path: '/' }]
  const drives = Array.from('CDEFGHIJKLMNOPQRSTUVWXYZ', (letter) => `${letter}:\\`)
  const present = await Promise.all(
    drives.map((path) =>
      stat(path).then(
        () => true,
        () => false,
      ),
    ),
  )
  return [...found, ...drives.filter((_, i) => present[i]).map((path) => ({ label: path, path }))]
}
