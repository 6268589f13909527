/**
 * Finds Electron's executable, or fetches it once. It is no part of the npm package: it comes from a download that
 * offline machines cannot make and that some networks let hang, so the attempt ends when nothing arrives.
 */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { root } from './root.mjs'
import { say } from './say.mjs'

const packageFolder = join(root, 'node_modules', 'electron')
const downloadFolder = join(root, 'out', '.electron-download')
/** Beside the package, so that a new version is tried afresh. */
const failureFile = join(packageFolder, '.interlock-download-failed')

const stalledAfterMs = 4_000
const retryAfterMs = 24 * 60 * 60_000

/** Path inside a distribution, as electron's own install.js has it. */
const executables = /** @type {Record<string, string>} */ ({
  darwin: 'Electron.app/Contents/MacOS/Electron',
  win32: 'electron.exe',
})

/** @returns {string | null} The executable when it is there. */
export function findElectron(env = process.env) {
  const executable = executables[process.platform] ?? 'electron'
  const override = env['ELECTRON_OVERRIDE_DIST_PATH']
  if (override) {
    const file = join(override, executable)
    return existsSync(file) ? file : null
  }
  try {
    // electron's install.js writes path.txt last, so a half-unpacked runtime has none.
    const file = join(packageFolder, 'dist', readFileSync(join(packageFolder, 'path.txt'), 'utf8').trim())
    return existsSync(file) ? file : null
  } catch {
    return null
  }
}

/** @returns {string | null} Why no window can be shown here, or null. */
export function missingDisplay(env = process.env) {
  if (process.platform !== 'linux' || env['DISPLAY'] || env['WAYLAND_DISPLAY']) return null
  return 'there is no display'
}

/** @param {string} path @returns {Promise<number>} Bytes in a file or folder, 0 when it is missing. */
async function bytesUnder(path) {
  const info = await stat(path).catch(() => null)
  if (!info) return 0
  if (!info.isDirectory()) return info.size
  const names = await readdir(path).catch(() => [])
  return (await Promise.all(names.map((name) => bytesUnder(join(path, name))))).reduce(
    (sum, bytes) => sum + bytes,
    0,
  )
}

/** Runs electron's install.js for as long as bytes keep coming. */
async function download() {
  await mkdir(downloadFolder, { recursive: true })
  const child = spawn(process.execPath, [join(packageFolder, 'install.js')], {
    cwd: packageFolder,
    stdio: 'ignore',
    // Its temporary files are watched, to tell a slow network from a dead one.
    env: {
      ...process.env,
      TMPDIR: downloadFolder,
      TEMP: downloadFolder,
      TMP: downloadFolder,
      ELECTRON_GET_NO_PROGRESS: '1',
    },
  })
  let ended = false
  const end = new Promise((done) => child.on('close', done).on('error', done)).then(() => (ended = true))
  let bytes = 0
  let progressAt = Date.now()
  let told = false
  while (!ended && Date.now() - progressAt < stalledAfterMs) {
    await Promise.race([end, sleep(250)])
    const now = (await bytesUnder(downloadFolder)) + (await bytesUnder(join(packageFolder, 'dist')))
    if (now > bytes) {
      bytes = now
      progressAt = Date.now()
      if (!told && bytes > 1e6) say('Downloading the Electron runtime (about 120 MB, once) …')
      told ||= bytes > 1e6
    }
  }
  child.kill('SIGKILL')
  await end
  await rm(downloadFolder, { recursive: true, force: true })
}

/**
 * The executable, fetched when it is missing; a failed attempt is not repeated for a day.
 * @returns {Promise<{ file: string } | { problem: string }>}
 */
export async function obtainElectron() {
  const found = findElectron()
  if (found) return { file: found }
  if (process.env['ELECTRON_OVERRIDE_DIST_PATH'])
    return { problem: 'ELECTRON_OVERRIDE_DIST_PATH holds no Electron' }
  const problem = 'the Electron runtime is not installed and could not be downloaded'
  const failedAt = Number(await readFile(failureFile, 'utf8').catch(() => '0'))
  if (Date.now() - failedAt < retryAfterMs) return { problem }
  await download()
  const file = findElectron()
  if (file) return { file }
  await writeFile(failureFile, String(Date.now())).catch(() => {})
  return { problem }
}
