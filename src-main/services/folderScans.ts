import { scanFolder, type ScannedFolder, type ScanOptions } from '../storage/folderTree'

/** How often it is told how far a scan is, in milliseconds. */
const tellEvery = 100

/** Walks folders and remembers the last one, so that another root or split of it need not wait for the disk. */
export class FolderScans {
  last: ScannedFolder | null = null

  forget(): void {
    this.last = null
  }

  async scan(folder: string, options: ScanOptions = {}): Promise<ScannedFolder> {
    if (this.last?.folder === folder) return this.last
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
