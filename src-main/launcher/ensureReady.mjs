/**
 * Makes a fresh clone ready to run: packages installed as the lock file says, everything built. Quick when nothing is to do.
 * Plain JavaScript without packages, since it runs before there are any.
 */
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from './build.mjs'
import { lastLines, runCommand } from './command.mjs'
import { withLock } from './lock.mjs'
import { unlinkNode } from './ownNode.mjs'
import { root } from './root.mjs'
import { LauncherError, say } from './say.mjs'

/** The oldest Node that works; the same as `engines` in package.json. */
const oldestNode = /** @type {const} */ ([20, 19])

export function checkNode(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])) return
  throw new LauncherError(
    `Interlock needs Node ${oldestNode.join('.')} or newer; this is Node ${version}. Install a current Node from https://nodejs.org and try again.`,
  )
}

/** @param {string} file @returns {Promise<string | null>} */
const readOrNull = (file) => readFile(file, 'utf8').catch(() => null)

/**
 * Whether npm's own record of what it installed agrees with the lock file, as after `npm install` by hand.
 * @param {string} folder
 * @param {string} lockText
 */
async function agreesWithLock(folder, lockText) {
  const record = await readOrNull(join(folder, 'node_modules', '.package-lock.json'))
  if (record === null) return false
  const { packages: installed } = JSON.parse(record)
  const { packages: wanted } = JSON.parse(lockText)
  return Object.entries(wanted).every(
    ([path, entry]) =>
      path === '' ||
      installed[path]?.version === entry.version ||
      ((entry.optional || entry.devOptional) && !installed[path]),
  )
}

/**
 * Installs a folder's packages when they are missing or its lock file has changed. Throws LauncherError.
 * @param {{ folder?: string, what?: string, flags?: readonly string[] }} [options]
 */
export async function ensureInstalled({
  folder = root,
  what = 'packages (about a minute)',
  flags = [],
} = {}) {
  const lockText = await readFile(join(folder, 'package-lock.json'), 'utf8')
  // Beside node_modules' contents, so that it goes when they go.
  const stampFile = join(folder, 'node_modules', '.interlock-install')
  const stamp = createHash('sha256').update(lockText).digest('hex')
  const isInstalled = async () => {
    if ((await readOrNull(stampFile)) === stamp) return true
    if (!(await agreesWithLock(folder, lockText))) return false
    await writeFile(stampFile, stamp)
    return true
  }
  if (await isInstalled()) return
  await withLock(join(root, 'out', '.install-lock'), 'installing packages', async () => {
    if (await isInstalled()) return
    say(`Installing ${what} …`)
    // npm's own script when this runs below `npm start`, so that the same npm is used; `npm` from PATH else, as below yarn or pnpm.
    const npmScript = process.env['npm_execpath']
    const quiet = ['--no-audit', '--no-fund', '--loglevel=error']
    const args = ['ci', '--include=dev', '--include=optional', ...quiet, ...flags]
    const { code, output } =
      npmScript && /npm-cli\.js$/.test(npmScript)
        ? await runCommand(process.execPath, [npmScript, ...args], { cwd: folder })
        : await runCommand('npm', args, { cwd: folder, shell: process.platform === 'win32' })
    if (code !== 0) {
      throw new LauncherError(
        `${lastLines(output, 12)}\nThe packages could not be installed (npm ci ended with ${code}). Check the network and the free space, then try again.`,
      )
    }
    await writeFile(stampFile, stamp)
  })
}

/** Everything that must be there before the program runs. Throws LauncherError. */
export async function ensureReady() {
  checkNode()
  await ensureInstalled()
  await unlinkNode()
  await build()
}
