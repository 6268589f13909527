import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { makeFolder, writeFileAtomic } from './atomicFile'
import { userFolder } from './userFolder'

/** What Interlock remembers between starts, besides runs. Kept in `settings.json` in the user's folder. */
const settingsSchema = z.object({
  recent: z.array(z.object({ file: z.string(), name: z.string(), openedAt: z.string() })).default([]),
  /** Most bytes of decoded images to keep on disk; null: as the cache sees fit, 0: none. */
  imageCacheBytes: z.number().int().min(0).nullable().default(null),
})

export type Settings = z.infer<typeof settingsSchema>

// Not the `conf` package: through `when-exit` it takes part in SIGINT and sends it again, which here means "leave at once".
const file = () => join(userFolder(), 'settings.json')

/** The settings, or their defaults where there are none or they cannot be read: they are a convenience. */
export async function readSettings(): Promise<Settings> {
  try {
    return settingsSchema.parse(JSON.parse(await readFile(file(), 'utf8')))
  } catch {
    return settingsSchema.parse({})
  }
}

/** Throws FILE_UNWRITABLE. */
export async function writeSettings(settings: Settings): Promise<void> {
  await makeFolder(userFolder())
  await writeFileAtomic(file(), `${JSON.stringify(settings, null, 2)}\n`)
}
