/** Two runs ticked in the list and seen on one chart, with what differs; by mouse and by keyboard. */
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startServer, type AppServer } from './appServer'
import { launchBrowser, openApp, screenshot, type AppPage } from './browser'
import { selectBlock, setEpochs, setNumber } from './designer'

let server: AppServer
let browser: Browser
let app: AppPage

beforeAll(async () => {
  server = await startServer()
  browser = await launchBrowser()
  app = await openApp(browser, server.address, { reducedMotion: 'reduce' })
})
afterAll(async () => {
  await browser?.close()
  await server?.stop()
})

async function violations(page: Page): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page }).analyze()
  return found.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')}`))
}

/** Trains what is on the canvas to the end. */
async function train(page: Page, epochs: number): Promise<void> {
  await setEpochs(page, epochs)
  await page.getByTestId('train-button').click()
  await page
    .locator('[data-testid="run-progress"]:not([data-phase="completed"])')
    .waitFor({ timeout: 30_000 })
    .catch(() => undefined)
  await page.locator('[data-testid="run-progress"][data-phase="completed"]').waitFor({ timeout: 120_000 })
}

it('two runs are compared', { timeout: 400_000 }, async () => {
  const { page } = app
  await page.getByTestId('examples').locator('img').first().waitFor()
  await train(page, 2)
  await selectBlock(page, 'conv2d_1')
  await setNumber(page, 'filters', 9)
  await train(page, 3)
  await page.getByTestId('dock-tab-runs').click()
  const boxes = page.locator('[data-testid^="choose-"]')
  await expect.poll(() => boxes.count()).toBe(2)

  // One run is nothing to compare; the button says what is missing.
  const open = page.getByTestId('compare-runs')
  expect(await open.getAttribute('aria-disabled')).toBe('true')
  await boxes.first().focus()
  await page.keyboard.press('Space')
  await open.focus()
  await page.getByText('Tick two or more runs').first().waitFor()
  await page.keyboard.press('Enter')
  expect(await page.getByTestId('compare-dialog').count()).toBe(0)
  await boxes.nth(1).click()
  expect(await open.innerText()).toBe('Compare 2 runs')
  await screenshot(page, '60-runs-ticked')
  await open.focus()
  await page.keyboard.press('Enter')

  const dialog = page.getByTestId('compare-dialog')
  await dialog.waitFor()
  const cells = (id: string) => page.getByTestId(id).locator('td').allInnerTexts()
  expect(await cells('difference-training-epochs')).toEqual(['2', '3'])
  expect(await cells('difference-setting-conv2d_1.filters')).toEqual(['6', '9'])
  expect(await page.locator('[data-testid^="difference-"]').count()).toBe(2)
  expect(await cells('outcome-epochs')).toEqual(['2', '3'])
  for (const accuracy of await cells('outcome-bestAccuracy')) expect(accuracy).toMatch(/^\d+\.\d%$/)
  const lines = () => page.getByTestId('compare-accuracy').getAttribute('data-lines')
  expect(await lines()).toBe('2')
  await page.getByTestId('compare-training').focus()
  await page.keyboard.press('Space')
  expect(await lines()).toBe('4')
  const spoken = await page.getByTestId('compare-accuracy').getByRole('img').getAttribute('aria-label')
  expect(spoken).toMatch(/1 .*: best \d+\.\d% in epoch \d.* 2 .*: best/)
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme })
    await screenshot(page, `61-compare-${scheme}`)
    expect(await violations(page)).toEqual([])
  }
  await page.emulateMedia({ colorScheme: 'light' })
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'hidden' })
  expect(app.problems).toEqual([])
})
