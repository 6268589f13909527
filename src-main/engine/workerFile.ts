import { basename, dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * Path of a built file that belongs to the engine: `engineWorker`, `cpuThread` (`.js` is added) or `kernels.wasm`. Bundled
 * code lies in out/main or its chunks folder; code run from source takes the build in out/main.
 */
export function workerFile(name: string): string {
  const folder = dirname(fileURLToPath(import.meta.url))
  const inSource = basename(folder) === 'engine'
  const built = inSource ? resolve(folder, '../../out/main') : folder
  return resolve(
    basename(built) === 'chunks' ? dirname(built) : built,
    name.includes('.') ? name : `${name}.js`,
  )
}
