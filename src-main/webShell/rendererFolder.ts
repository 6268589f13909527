import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { InterlockError } from '#shared/issues/errors'

/** The built window, `out/renderer`: found from the bundle and from the sources alike. */
export function rendererFolder(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const renderer = join(folder, 'out', 'renderer')
    if (existsSync(join(renderer, 'index.html'))) return renderer
    if (folder === dirname(folder))
      throw new InterlockError('FILE_NOT_FOUND', { file: 'out/renderer (run npm run build)' })
  }
}
