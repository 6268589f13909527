/**
 * The Node that the command line and the web shell run on: a fixed one from an optional package, since the 256-bit kernels need
 * Node 24. Where it is missing or does not run, the running Node does everything, with 128-bit kernels.
 */
import { readlink, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { runCommand } from './command.mjs'
import { root } from './root.mjs'
import { LauncherError } from './say.mjs'

const packageName = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
const wantedMajor = 24

/** @param {string} file @returns {Promise<boolean>} */
async function runs(file) {
  const { code, output } = await runCommand(file, ['--version'])
  return code === 0 && /^v\d+\./.test(output)
}

/**
 * Which Node to run out/main/index.js with. `INTERLOCK_NODE` is `off` for the running one, or the path of another.
 * @returns {Promise<string>}
 */
export async function findNode() {
  const asked = process.env['INTERLOCK_NODE']
  if (asked === 'off') return process.execPath
  if (asked) {
    if (await runs(asked)) return asked
    throw new LauncherError(
      `INTERLOCK_NODE is ${asked}, which does not answer --version. Give the path of a Node, or "off".`,
    )
  }
  if (Number(process.versions.node.split('.')[0]) >= wantedMajor) return process.execPath
  const name = process.platform === 'win32' ? 'node.exe' : 'node'
  const file = join(root, 'node_modules', packageName, 'bin', name)
  return (await runs(file)) ? file : process.execPath
}

/**
 * npm links the package's program as `node` for all scripts of this project, which are to run on the Node that a person has.
 * Takes those links away.
 */
export async function unlinkNode() {
  const bin = join(root, 'node_modules', '.bin')
  for (const name of ['node', 'node.cmd', 'node.ps1']) {
    const file = join(bin, name)
    const target = await readlink(file).catch(() => readFile(file, 'utf8').catch(() => ''))
    if (target.includes(packageName)) await rm(file, { force: true })
  }
}

// After `npm ci` and `npm install`.
if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await unlinkNode()
