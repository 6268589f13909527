import { readdir, readFile, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { KeptProject, RecoveryService } from '#shared/rpc/services'
import { makeFolder, readError, writeFileAtomic } from '../storage/atomicFile'
import { userFolder } from '../storage/userFolder'

const keptSchema = z.object({
  name: z.string(),
  file: z.string().nullable(),
  keptAt: z.string(),
  /** Of the process whose window keeps it. */
  pid: z.number().int(),
  content: z.string(),
})

type Kept = z.infer<typeof keptSchema>

/** A process shows every so often that it still holds its files, since its number may be given out again after a restart. */
const touchEveryMs = 20_000
const heldForMs = 3 * touchEveryMs

const folder = () => join(userFolder(), 'unsaved')
const fileOf = (id: string) => join(folder(), `${id}.json`)

/**
 * Unsaved changes of every window, one file each in `unsaved/` of the user's folder. A file belongs to an open window, of
 * this process or of another one that is alive; any other was left behind and is offered to whoever asks.
 */
export class UnsavedProjects {
  /** What this process's open windows keep: id and the window. A page loaded anew goes on with its id, maybe before it left. */
  private readonly held = new Map<string, object>()
  private readonly timer = setInterval(() => void this.touch(), touchEveryMs).unref()

  /** The service of one window. `close` leaves what it kept to others. */
  forWindow(): RecoveryService & { close(): void } {
    const window = {}
    return {
      keep: async (id, name, file, content) => {
        this.held.set(id, window)
        const kept: Kept = { name, file, keptAt: new Date().toISOString(), pid: process.pid, content }
        await makeFolder(folder())
        await writeFileAtomic(fileOf(id), JSON.stringify(kept))
      },
      kept: () => this.leftBehind(),
      take: async (id) => (await read(id)).content,
      drop: async (id) => {
        this.held.delete(id)
        await rm(fileOf(id), { force: true })
      },
      close: () => {
        for (const [id, holder] of this.held) if (holder === window) this.held.delete(id)
      },
    }
  }

  dispose(): void {
    clearInterval(this.timer)
  }

  private async leftBehind(): Promise<KeptProject[]> {
    const names = await readdir(folder()).catch(() => [])
    const ids = names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length))
    const found = await Promise.all(ids.map((id) => this.unlessHeld(id)))
    return found.filter((kept) => kept !== null).toSorted((a, b) => (a.keptAt < b.keptAt ? 1 : -1))
  }

  /** Null while a window holds it, and where the file is damaged or has just gone. */
  private async unlessHeld(id: string): Promise<KeptProject | null> {
    if (this.held.has(id)) return null
    try {
      const { name, file, keptAt, pid } = await read(id)
      const touched = Date.now() - (await stat(fileOf(id))).mtimeMs < heldForMs
      return pid !== process.pid && touched && isAlive(pid) ? null : { id, name, file, keptAt }
    } catch {
      return null
    }
  }

  private async touch(): Promise<void> {
    const now = new Date()
    await Promise.all([...this.held.keys()].map((id) => utimes(fileOf(id), now, now).catch(() => undefined)))
  }
}

async function read(id: string): Promise<Kept> {
  try {
    return keptSchema.parse(JSON.parse(await readFile(fileOf(id), 'utf8')))
  } catch (thrown) {
    throw readError(fileOf(id), thrown)
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (thrown) {
    // Somebody else's process may not be signalled, but it is there.
    return (thrown as NodeJS.ErrnoException).code === 'EPERM'
  }
}
