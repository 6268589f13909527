/** The window of a built program in a real Chromium, through the web shell. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { findChromium } from '../../../src-main/launcher/chromium.mjs'

export const size = { width: 1440, height: 900 }

/** Starts the web shell with a home of its own. @param {string} program `out/main/index.js`. */
export async function startServer(program) {
  const home = await mkdtemp(join(tmpdir(), 'interlock-screen-'))
  const child = spawn(process.execPath, [program, 'serve', '--no-open'], {
    cwd: home,
    env: { ...process.env, INTERLOCK_HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise((resolve) => child.on('close', resolve))
  let output = ''
  const address = await new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text
        const found = /http:\/\/127\.0\.0\.1:\d+\/#token=[0-9a-f]+/.exec(output)
        if (found) resolve(found[0])
      })
    }
    child.on('close', (code) => reject(new Error(`serve ended with ${code}: ${output}`)))
  })
  return {
    address,
    async stop() {
      child.kill('SIGINT')
      await ended
      await rm(home, { recursive: true, force: true })
    },
  }
}

/** @returns {Promise<import('playwright-core').Browser>} */
export async function launchBrowser() {
  const executablePath = findChromium()
  if (!executablePath) throw new Error('no Chromium, Chrome or Edge was found; set CHROME_PATH to one')
  return chromium.launch({ executablePath })
}

/**
 * A window of its own that takes up `project` where it was left, as after a reload.
 * @param {import('playwright-core').Browser} browser
 * @param {string} address
 * @param {object} project
 */
export async function openWindow(browser, address, project) {
  const context = await browser.newContext({ viewport: size, colorScheme: 'light' })
  const page = await context.newPage()
  page.setDefaultTimeout(60_000)
  const working = JSON.stringify({ project, file: null, dirty: false, unkept: [] })
  await page.addInitScript((text) => sessionStorage.setItem('interlock.workingProject', text), working)
  await page.addInitScript(installRecorder)
  await page.goto(address)
  await page.waitForFunction(() => globalThis.bench.shownAt !== null)
  await page.getByTestId('executor').waitFor()
  return { page, close: () => context.close() }
}

/**
 * Runs in the page before anything else. `bench.shownAt` is when the first frame with a visible block has been handed over;
 * between `start` and `stop` it notes every frame, and how long every movement waited for its handler.
 */
function installRecorder() {
  const bench = { shownAt: null, frames: [], delays: [], running: false, start, stop, stores }
  globalThis.bench = bench

  function lookForBlock() {
    const block = document.querySelector('.block')
    const shown = block?.checkVisibility({ visibilityProperty: true, opacityProperty: true })
    if (!shown) return void requestAnimationFrame(lookForBlock)
    // The frame that is being prepared holds it; the task after it begins when that is done.
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => (bench.shownAt = performance.now())
    port2.postMessage(null)
  }
  requestAnimationFrame(lookForBlock)

  function frame(time) {
    if (!bench.running) return
    bench.frames.push(time)
    requestAnimationFrame(frame)
  }
  for (const type of ['pointermove', 'wheel', 'pointerdown']) {
    addEventListener(
      type,
      (event) => bench.running && bench.delays.push(performance.now() - event.timeStamp),
      { capture: true, passive: true },
    )
  }
  function start() {
    Object.assign(bench, { frames: [], delays: [], running: true })
    requestAnimationFrame(frame)
  }
  /** Milliseconds from frame to frame, and the delays. */
  function stop() {
    bench.running = false
    return { frames: bench.frames.slice(1).map((time, i) => time - bench.frames[i]), delays: bench.delays }
  }
  /** A store of the running window, by its name. */
  function stores(name) {
    return document.querySelector('#app').__vue_app__.config.globalProperties.$pinia._s.get(name)
  }
}
