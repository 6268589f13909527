import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { InterlockError } from '#shared/issues/errors'

/** A built page, `out/renderer` or `out/hostWindow`: found from the bundle and from the sources alike. */
export function builtFolder(name: 'renderer' | 'hostWindow'): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const built = join(folder, 'out', name)
    if (existsSync(join(built, 'index.html'))) return built
    if (folder === dirname(folder))
      throw new InterlockError('FILE_NOT_FOUND', { file: `out/${name} (run npm run build)` })
  }
}
