/** Everything without a mouse: build a network, mend it, train it. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startServer, type AppServer } from './appServer'
import { launchBrowser, openApp, screenshot, type AppPage } from './browser'
import { chooseInMenu, fitStatus, pointsOf, totalOf } from './designer'

let server: AppServer
let browser: Browser
let app: AppPage

beforeAll(async () => {
  server = await startServer()
  browser = await launchBrowser()
  app = await openApp(browser, server.address)
})
afterAll(async () => {
  await browser?.close()
  await server?.stop()
})

const focusedTestId = (page: Page) =>
  page.evaluate(() => document.activeElement?.getAttribute('data-testid') ?? null)

/** Presses Tab (or Shift+Tab) until an element has the focus. */
async function tabTo(page: Page, testId: string, key = 'Tab'): Promise<void> {
  for (let press = 0; press < 150; press++) {
    if ((await focusedTestId(page)) === testId) return
    await page.keyboard.press(key)
  }
  throw new Error(`${testId} cannot be reached with ${key}`)
}

it('builds, mends and trains a network with the keyboard alone', async () => {
  const { page } = app
  // A new, empty project by the command palette.
  await page.keyboard.press('Control+k')
  await page.getByTestId('command-palette').waitFor()
  await page.keyboard.type('new')
  await page.keyboard.press('Enter')
  await page.getByTestId('templates').waitFor()
  await tabTo(page, 'new-empty')
  await page.keyboard.press('Enter')
  await page.getByTestId('empty-canvas').waitFor()

  // Blocks from the palette's filter: a name and Enter, one after the other, each joined to the one before.
  await tabTo(page, 'palette-filter')
  for (const name of ['input', 'max pool', 'dense', 'output']) {
    await page.keyboard.press('Control+a')
    await page.keyboard.type(name)
    await page.keyboard.press('Enter')
  }
  await expect.poll(() => page.locator('.block').count()).toBe(4)
  await page.keyboard.press('Escape')
  await expect.poll(() => fitStatus(page)).toMatch(/problem/)
  await screenshot(page, '11-keyboard-misfit')

  // The list of problems, and the repair of the first, until it fits.
  for (let repairs = 0; repairs < 6 && !(await fitStatus(page)).includes('Interlocks'); repairs++) {
    await tabTo(page, 'fit-status')
    await page.keyboard.press('Enter')
    const repair = await page
      .getByTestId('inspector')
      .locator('[data-testid^="repair-"]')
      .first()
      .getAttribute('data-testid')
    await tabTo(page, repair ?? '')
    await page.keyboard.press('Enter')
  }
  expect(await fitStatus(page)).toContain('Interlocks')

  // Walk along the network with the arrow keys and change a setting.
  await tabTo(page, 'block-input')
  await page.keyboard.press('ArrowRight')
  expect(await focusedTestId(page)).toBe('block-maxPool2d_1')
  const before = await totalOf(page, 'params')
  await page.keyboard.press('Enter')
  await page.getByTestId('inspector-maxPool2d_1').waitFor()
  for (let press = 0; press < 12; press++) {
    if (await page.evaluate(() => Boolean(document.activeElement?.closest('[data-testid="param-poolSize"]'))))
      break
    await page.keyboard.press('Tab')
  }
  await page.keyboard.press('Control+a')
  await page.keyboard.type('4')
  await expect.poll(() => totalOf(page, 'params')).not.toBe(before)
  expect(await fitStatus(page)).toContain('Interlocks')

  // Data, then train and stop.
  await tabTo(page, 'dock-tab-data')
  await page.keyboard.press('Enter')
  await tabTo(page, 'choose-digits')
  await page.keyboard.press('Enter')
  await expect.poll(() => page.getByTestId('train-button').getAttribute('aria-disabled')).toBe('false')
  await page.keyboard.press('Control+Enter')
  await expect.poll(async () => (await pointsOf(page, 'loss')).steps, { timeout: 60_000 }).toBeGreaterThan(5)
  await page.keyboard.press('Control+.')
  await expect
    .poll(() => page.getByTestId('run-progress').getAttribute('data-phase'), { timeout: 30_000 })
    .toMatch(/stopped|completed/)
  expect(app.problems).toEqual([])
})

it('Ctrl+Enter in a dialog is the dialog’s: no training starts behind it', async () => {
  const { page } = app
  const runs = () => page.getByTestId('dock-tab-runs').innerText()
  const before = await runs()
  await chooseInMenu(page, 'project.saveAs')
  const field = page.getByTestId('path-file-name')
  await field.waitFor()
  await page.getByTestId('path-input').fill(server.home)
  await page.getByTestId('path-go').click()
  await expect.poll(() => page.getByTestId('path-input').inputValue()).toBe(server.home)
  await field.fill('kept.interlock.json')
  await field.focus()
  await page.keyboard.press('Control+Enter')
  await field.waitFor({ state: 'detached' })
  // Held a little long, the key comes again when the dialog has gone.
  await page.getByTestId('dock-tab-runs').click()
  await page.getByTestId('label-run').click()
  await page.getByTestId('run-note-field').focus()
  await page.keyboard.type('Two lines,')
  await page.keyboard.press('Enter')
  await page.keyboard.type('kept.')
  await page.keyboard.down('Control')
  await page.keyboard.down('Enter')
  await page.getByTestId('label-dialog').waitFor({ state: 'detached' })
  await page.keyboard.down('Enter')
  await page.keyboard.down('Enter')
  await page.keyboard.up('Enter')
  await page.keyboard.up('Control')
  expect(await page.getByTestId('run-note').innerText()).toBe('Two lines,\nkept.')
  await page.waitForTimeout(500)
  expect(await runs()).toBe(before)
  expect(await page.getByTestId('run-progress').count()).toBe(0)
  // Pressed anew it is the command again.
  await page.keyboard.press('Control+Enter')
  await expect.poll(runs).not.toBe(before)
  await page.getByTestId('stop-button').click()
})
