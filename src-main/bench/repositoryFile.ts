import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A file of test/bench above the built program, which only the repository has; null in an installed one. */
export function repositoryFile(...path: readonly string[]): string | null {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const file = join(folder, 'test', 'bench', ...path)
    if (existsSync(file)) return file
    if (folder === dirname(folder)) return null
  }
}
