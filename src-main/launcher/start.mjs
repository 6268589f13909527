/**
 * `npm start [-- --browser | --no-open | --port N]`: the desktop app, or the same window in the browser where Electron cannot run.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { handOver, lastLines } from './command.mjs'
import { missingDisplay, obtainElectron } from './electronRuntime.mjs'
import { ensureReady } from './ensureReady.mjs'
import { findNode } from './ownNode.mjs'
import { root } from './root.mjs'
import { LauncherError, runLauncher, say } from './say.mjs'

/** An Electron that ends sooner with an error could not start at all. */
const startupMs = 3_000

const usage = 'npm start [-- --browser | --no-open | --port N]'

/** @param {readonly string[]} args */
function readArguments(args) {
  const rest = [...args]
  /** @type {string | null} */
  let port = null
  let browser = false
  let open = true
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === '--no-open') open = false
    else if (arg === '--browser') browser = true
    else if (arg === '--port' && /^\d+$/.test(rest[0] ?? '')) port = rest.shift() ?? null
    else throw new LauncherError(`Unknown argument ${arg}. Usage: ${usage}`)
  }
  return { port, open, browser: browser || !open || port !== null }
}

/**
 * Runs the desktop app to its end.
 * @param {string} file
 * @returns {Promise<{ code: number } | { problem: string }>} A problem when it could not start.
 */
function runElectron(file) {
  return new Promise((done) => {
    const startedAt = Date.now()
    const child = spawn(file, [root], { stdio: ['inherit', 'inherit', 'pipe'] })
    let complaint = ''
    let starting = true
    setTimeout(() => {
      starting = false
      process.stderr.write(complaint)
    }, startupMs).unref()
    child.stderr.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      // Held back at first: when it cannot start, one line is said instead of Chromium's.
      if (starting) complaint += text
      else process.stderr.write(text)
    })
    const forward = (/** @type {NodeJS.Signals} */ signal) => child.kill(signal)
    process
      .on('SIGINT', () => {})
      .on('SIGTERM', forward)
      .on('SIGHUP', forward)
    child.on('error', (error) => done({ problem: error.message }))
    child.on('close', (code) => {
      if (Date.now() - startedAt < startupMs && code !== 0) {
        done({ problem: `Electron could not start (${lastLines(complaint, 1) || `code ${code}`})` })
      } else done({ code: code ?? 1 })
    })
  })
}

/** @returns {Promise<{ code: number } | { problem: string }>} */
async function runDesktop() {
  const display = missingDisplay()
  if (display) return { problem: display }
  const electron = await obtainElectron()
  return 'file' in electron ? runElectron(electron.file) : electron
}

await runLauncher(async () => {
  const { port, open, browser } = readArguments(process.argv.slice(2))
  await ensureReady()
  if (!browser) {
    const result = await runDesktop()
    if ('code' in result) {
      process.exitCode = result.code
      return
    }
    say(`Opening the window in the browser, because ${result.problem}.`)
  }
  const args = ['serve', ...(port === null ? [] : ['--port', port]), ...(open ? [] : ['--no-open'])]
  process.exitCode = await handOver(await findNode(), [join(root, 'out', 'main', 'index.js'), ...args])
})
