import { appendFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InterlockError } from '#shared/issues/errors'
import { writeError } from '../storage/atomicFile'

/** A larger file is better chosen by its path. */
export const mostUploaded = 256 * 2 ** 20

interface Upload {
  file: string
  bytes: number
}

/**
 * Files that came from a window piece by piece: a browser tells no paths. They lie in a temporary folder of this process until
 * they were used, and never leave this machine.
 */
export class Uploads {
  private folder: Promise<string> | null = null
  private readonly open = new Map<string, Upload>()
  private next = 1

  /** Adds a piece to an upload, or begins one. Throws ARGUMENT_INVALID where it grows too large, FILE_UNWRITABLE. */
  async add(id: string, piece: Uint8Array): Promise<void> {
    this.folder ??= mkdtemp(join(tmpdir(), 'interlock-upload-'))
    const upload = this.open.get(id) ?? { file: join(await this.folder, String(this.next++)), bytes: 0 }
    this.open.set(id, upload)
    upload.bytes += piece.byteLength
    if (upload.bytes > mostUploaded) {
      await this.drop(id)
      const expected = `at most ${mostUploaded / 2 ** 20} MB`
      throw new InterlockError('ARGUMENT_INVALID', { what: 'A file', expected, found: 'a larger one' })
    }
    try {
      await appendFile(upload.file, piece)
    } catch (thrown) {
      await this.drop(id)
      throw writeError(upload.file, thrown)
    }
  }

  /** Calls `use` with the file, then removes it. Nothing was uploaded: an empty file. */
  async use<T>(id: string, use: (file: string) => Promise<T>): Promise<T> {
    if (!this.open.has(id)) await this.add(id, new Uint8Array(0))
    try {
      return await use(this.open.get(id)!.file)
    } finally {
      await this.drop(id)
    }
  }

  async dispose(): Promise<void> {
    const folder = await this.folder?.catch(() => null)
    if (folder) await rm(folder, { recursive: true, force: true })
  }

  private async drop(id: string): Promise<void> {
    const upload = this.open.get(id)
    this.open.delete(id)
    if (upload) await rm(upload.file, { force: true })
  }
}
