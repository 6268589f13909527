/** The desktop app itself, in real Electron. Skipped by name where its runtime is not installed. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { _electron as electron, type ElectronApplication, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findElectron, missingDisplay } from '../../src-main/launcher/electronRuntime.mjs'
import { root } from './appServer'
import { screenshot, watch } from './browser'
import { fitStatus, pointsOf, setEpochs } from './designer'

const executablePath = findElectron()
const missing = executablePath === null ? 'the Electron runtime is not installed' : missingDisplay()

describe.skipIf(missing !== null)(`real Electron${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  let app: ElectronApplication
  let page: Page
  let problems: string[]
  const home = mkdtempSync(join(tmpdir(), 'interlock-electron-'))

  beforeAll(async () => {
    const asRoot = process.platform === 'linux' && process.getuid?.() === 0
    app = await electron.launch({
      executablePath: executablePath ?? '',
      // Chromium refuses to sandbox for root; tests may run as root, people do not.
      args: [...(asRoot ? ['--no-sandbox'] : []), root],
      env: { ...(process.env as Record<string, string>), INTERLOCK_HOME: home },
    })
    page = await app.firstWindow()
    problems = watch(page)
    await page.getByTestId('canvas').waitFor()
  })
  afterAll(async () => {
    await app?.close()
    rmSync(home, { recursive: true, force: true })
  })

  it('shows LeNet from its own scheme', async () => {
    expect(page.url()).toBe('interlock://app/index.html')
    await expect.poll(() => fitStatus(page)).toContain('Interlocks')
    await screenshot(page, 'electron')
  })

  it('gives the page nothing of Node or Electron', async () => {
    const found = await page.evaluate(() =>
      ['require', 'process', 'module', 'Buffer', 'electron', 'ipcRenderer'].filter(
        (name) => name in globalThis,
      ),
    )
    expect(found).toEqual([])
  })

  it('opens no window and goes nowhere', async () => {
    expect(await page.evaluate(() => window.open('https://example.org') === null)).toBe(true)
    await page.evaluate(() => location.assign('https://example.org'))
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(page.url()).toBe('interlock://app/index.html')
    expect(app.windows()).toHaveLength(1)
  })

  it('trains', async () => {
    await setEpochs(page, 1)
    await page.getByTestId('train-button').click()
    await expect.poll(async () => (await pointsOf(page, 'loss')).epochs, { timeout: 120_000 }).toBe(1)
    expect(problems).toEqual([])
  })
})
