import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { InterlockError } from '#shared/issues/errors'

/** Path of a file that the build puts into `out/resources`, found from the sources and from the bundle alike. */
export function resourceFile(name: string): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  for (;;) {
    const file = join(folder, 'out', 'resources', name)
    if (existsSync(file)) return file
    const parent = dirname(folder)
    if (parent === folder)
      throw new InterlockError('FILE_NOT_FOUND', { file: `out/resources/${name} (run npm run build)` })
    folder = parent
  }
}
