import { join, resolve } from 'node:path'
import { homedir } from 'node:os'
import { DecodePool } from './decoding/decodePool'
import type { DecoderProcess } from './decoding/decoderMessage'
import { startNodeDecoder } from './decoding/nodeDecoder'
import { usualMemory, type ImageStore } from './gatherImages'
import { ImageCache } from './imageCache/imageCache'
import { readSettings } from './settingsFile'

/**
 * Where decoded images are kept: in `INTERLOCK_HOME` where it is set, else the system's place for what can be made again
 * (`~/.cache/interlock`, `~/Library/Caches/interlock`, `%LOCALAPPDATA%\interlock\cache`).
 */
export function cacheFolder(): string {
  const { INTERLOCK_HOME: home, LOCALAPPDATA: local, XDG_CACHE_HOME: cache } = process.env
  if (home) return join(resolve(home), 'images')
  if (process.platform === 'win32')
    return join(local || join(homedir(), 'AppData', 'Local'), 'interlock', 'cache', 'images')
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'interlock', 'images')
  return join(cache || join(homedir(), '.cache'), 'interlock', 'images')
}

/** The user's cache, as large as the settings say. */
export function userCache(): ImageCache {
  return new ImageCache({
    folder: cacheFolder(),
    chosenLimit: async () => (await readSettings()).imageCacheBytes,
  })
}

/** `INTERLOCK_IMAGE_MEMORY`, in MB, replaces the usual share of the machine's memory. */
function memoryForImages(): number {
  const megabytes = Number(process.env['INTERLOCK_IMAGE_MEMORY'])
  return megabytes > 0 ? megabytes * 2 ** 20 : usualMemory()
}

/** One for a process; its pool is to be disposed of. `startDecoder`: for shells where plain child processes cannot be. */
export function createImageStore(startDecoder: () => DecoderProcess = startNodeDecoder): ImageStore {
  return { pool: new DecodePool({ start: startDecoder }), cache: userCache(), memory: memoryForImages() }
}
