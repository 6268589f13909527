import type { KnownPlaces } from './tilePlaces'
import { scanFolder, type ScannedFolder, type ScanOptions } from '../storage/folderTree'

/** How often it is told how far a scan is, in milliseconds. */
const tellEvery = 100

/** The images of a project, and those it is validated on. */
const mostFolders = 2

/** Walks folders and remembers the last two, so that another root or split of them need not wait for the disk. */
export class FolderScans {
  /** By their path; the one walked last stands last. */
  private readonly walked = new Map<string, ScannedFolder>()
  /** Where the tiles in them lie, as far as it was asked. */
  readonly places: KnownPlaces = new Map()

  forget(): void {
    this.walked.clear()
    this.places.clear()
  }

  /** What is known of a folder. */
  of(folder: string): ScannedFolder | null {
    return this.walked.get(folder) ?? null
  }

  async scan(folder: string, options: ScanOptions = {}): Promise<ScannedFolder> {
    const known = this.walked.get(folder)
    if (known !== undefined) return known
    let told = 0
    const scanned = await scanFolder(folder, {
      ...options,
      onScanned(files) {
        const now = Date.now()
        if (now - told < tellEvery) return
        told = now
        options.onScanned?.(files)
      },
    })
    options.signal?.throwIfAborted()
    this.walked.set(folder, scanned)
    const [oldest] = this.walked.keys()
    if (this.walked.size > mostFolders && oldest !== undefined) {
      this.walked.delete(oldest)
      this.places.clear()
    }
    return scanned
  }
}
