import { createHash } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { root } from './root.mjs'

/** @param {string} path @returns {Promise<string[]>} */
async function filesUnder(path) {
  const info = await stat(path).catch(() => null)
  if (!info) return [`${relative(root, path)} missing`]
  if (!info.isDirectory()) return [`${relative(root, path)} ${info.size} ${info.mtimeMs}`]
  const names = (await readdir(path)).filter((name) => name !== 'node_modules' && !name.startsWith('.'))
  return (await Promise.all(names.map((name) => filesUnder(join(path, name))))).flat()
}

/**
 * A short text that changes when a file is added, removed or written: path, size and time of each, not the contents.
 * @param {readonly string[]} paths Files and folders, relative to the repository.
 */
export async function fingerprint(paths) {
  const files = (await Promise.all(paths.map((path) => filesUnder(join(root, path))))).flat().sort()
  return createHash('sha256').update(files.join('\n')).digest('hex')
}
