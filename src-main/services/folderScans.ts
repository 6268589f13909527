import type { KnownPlaces } from './tilePlaces'
import { scanFolder, type ScannedFolder, type ScanOptions } from '../storage/folderTree'

/** How often it is told how far a scan is, in milliseconds. */
const tellEvery = 100

/** Walks folders and remembers the last one, so that another root or split of it need not wait for the disk. */
export class FolderScans {
  last: ScannedFolder | null = null
  /** Where the tiles of the last one lie, as far as it was asked. */
  readonly places: KnownPlaces = new Map()

  forget(): void {
    this.last = null
    this.places.clear()
  }

  async scan(folder: string, options: ScanOptions = {}): Promise<ScannedFolder> {
    if (this.last?.folder === folder) return this.last
    this.places.clear()
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
    this.last = scanned
    return scanned
  }
}
