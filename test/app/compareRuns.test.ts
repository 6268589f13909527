/** Runs in their list: compared on one chart, named, noted and deleted; by mouse and by keyboard. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startServer, type AppServer } from './appServer'
import { violations } from './axe'
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

it('a run is named and noted, and deleted after a question', { timeout: 120_000 }, async () => {
  const { page } = app
  const rows = page.locator('button[data-testid^="run-2"]')
  await rows.first().click()
  await page.getByTestId('label-run').focus()
  await page.keyboard.press('Enter')
  await page.getByTestId('label-dialog').waitFor()
  await page.getByTestId('run-name').fill('Nine filters')
  await page.keyboard.press('Tab')
  await page.keyboard.type('More filters than LeNet has.')
  await screenshot(page, '62-label')
  expect(await violations(page)).toEqual([])
  await page.keyboard.press('Tab')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await expect.poll(() => rows.first().innerText()).toContain('Nine filters')
  expect(await page.getByTestId('run-note').innerText()).toBe('More filters than LeNet has.')
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme })
    // The tooltip of the button that has the focus again.
    await page.keyboard.press('Escape')
    await screenshot(page, `63-labelled-${scheme}`)
    expect(await violations(page)).toEqual([])
  }
  await page.reload()
  await page.getByTestId('dock-tab-runs').click()
  await expect.poll(() => rows.first().innerText()).toContain('Nine filters')

  await page.getByTestId('delete-run').click()
  await page.getByTestId('confirm').waitFor()
  await page.keyboard.press('Escape')
  expect(await rows.count()).toBe(2)
  await page.getByTestId('delete-run').focus()
  await page.keyboard.press('Enter')
  await page.getByTestId('confirm-yes').click()
  await expect.poll(() => rows.count()).toBe(1)
  expect(await rows.first().innerText()).not.toContain('Nine filters')
  await page.reload()
  await page.getByTestId('dock-tab-runs').click()
  await expect.poll(() => rows.count()).toBe(1)
  expect(app.problems).toEqual([])
})

/** The runs of a list that are done, the newest first. */
const completed = (page: Page) => page.locator('button[data-testid^="run-2"][data-status="completed"]')

/** Repeats the shown run with two seeds, and waits until they are done. */
async function repeatTwice(page: Page): Promise<void> {
  await page.getByTestId('dock-tab-runs').click()
  const before = await completed(page).count()
  await page.getByTestId('repeat-run').focus()
  await page.keyboard.press('Enter')
  await page.getByTestId('repeat-dialog').waitFor()
  await page.getByTestId('repeat-count').selectOption('2')
  await screenshot(page, '64-repeat')
  expect(await violations(page)).toEqual([])
  await page.getByTestId('repeat-start').click()
  await page.getByTestId('dock-tab-runs').click()
  await expect.poll(() => completed(page).count(), { timeout: 200_000 }).toBe(before + 2)
  await expect.poll(() => completed(page).first().innerText()).toContain('seed 2, 2 of 2')
}

it(
  'two runs are repeated with seeds; whether their difference is more than noise is said in words',
  { timeout: 400_000 },
  async () => {
    const { page } = app
    await repeatTwice(page)
    // The same network, hardly trained: worse by far more than seeds make.
    await page.getByTestId('dock-tab-training').click()
    await page.getByTestId('learning-rate').fill('0.00001')
    await train(page, 1)
    await repeatTwice(page)
    const boxes = page.locator('[data-testid^="choose-"]')
    expect(await boxes.count()).toBe(6)
    // Newest first: a run of each series, and what a single run beside a series says.
    await boxes.nth(5).click()
    await boxes.nth(3).click()
    await page.getByTestId('compare-runs').click()
    await page.getByTestId('compare-dialog').waitFor()
    // The single run, the mean, and the two edges of its band.
    expect(await page.getByTestId('compare-accuracy').getAttribute('data-lines')).toBe('4')
    expect(await page.getByTestId('compare-noise').innerText()).toContain('repeated with several seeds')
    await page.getByTestId('compare-close').click()
    await boxes.nth(5).click()
    await boxes.nth(0).click()
    await page.getByTestId('compare-runs').click()
    await page.getByTestId('compare-dialog').waitFor()
    const accuracy = page.getByTestId('outcome-bestAccuracy').locator('td')
    for (const text of await accuracy.allInnerTexts()) expect(text).toMatch(/^[\d.]+% ± [\d.]+%$/)
    const means = (await accuracy.allInnerTexts()).map((text) => parseFloat(text))
    expect(await page.getByTestId('compare-accuracy').getAttribute('data-lines')).toBe('6')
    const noise = await page.getByTestId('compare-noise').innerText()
    const [, points, p] =
      /^“1 LeNet × 2” is ([\d.]+) percentage points.*Welch’s t-test, p [=<] ([\d.]+)/.exec(noise)!
    expect(Number(points)).toBeCloseTo(means[0]! - means[1]!, 0)
    expect(noise).toContain(Number(p) < 0.05 ? 'more than the noise' : 'within the noise')
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme })
      await screenshot(page, `65-series-${scheme}`)
      expect(await violations(page)).toEqual([])
    }
    await page.emulateMedia({ colorScheme: 'light' })
    await page.keyboard.press('Escape')
    expect(app.problems).toEqual([])
  },
)

it('another project has runs of its own; all others are one tick away', { timeout: 200_000 }, async () => {
  const { page } = app
  const rows = page.locator('button[data-testid^="run-2"]')
  await page.getByTestId('project-name').fill('Another')
  await page.getByTestId('project-name').press('Enter')
  await page.getByTestId('dock-tab-runs').click()
  await page.getByTestId('no-own-runs').waitFor()
  expect(await rows.count()).toBe(6)
  await screenshot(page, '66-no-own-runs')
  await train(page, 1)
  await page.getByTestId('dock-tab-runs').click()
  await expect.poll(() => rows.count()).toBe(1)
  const only = page.getByTestId('this-project')
  expect(await only.isChecked()).toBe(true)
  await screenshot(page, '67-this-project')
  expect(await violations(page)).toEqual([])
  await only.focus()
  await page.keyboard.press('Space')
  expect(await rows.count()).toBe(7)
  await page.reload()
  await page.getByTestId('dock-tab-runs').click()
  await expect.poll(() => rows.count()).toBe(7)
  expect(await only.isChecked()).toBe(false)
  await only.click()
  expect(await rows.count()).toBe(1)
  expect(app.problems).toEqual([])
})
