/** Memory and time told before training; the canvas edited while it trains; going on with the edited network. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startServer, type AppServer } from './appServer'
import { violations } from './axe'
import { launchBrowser, openApp, screenshot, type AppPage } from './browser'
import { blockNode, selectBlock, setEpochs, setNumber } from './designer'

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

const phase = (page: Page) => page.getByTestId('run-progress').getAttribute('data-phase')

it('tells memory and time before the first step', async () => {
  const { page } = app
  await page.getByTestId('examples').locator('img').first().waitFor()
  await expect.poll(() => page.getByTestId('total-memory').innerText()).toMatch(/^[\d.]+ [kM]B$/)
  await page.getByTestId('dock-tab-training').click()
  const time = page.getByTestId('forecast-time')
  await expect
    .poll(() => time.innerText(), { timeout: 30_000 })
    .toMatch(/^About [\d.]+ (s|min.*) per epoch on CPU, \d+ threads?$/)
  expect(await page.getByTestId('total-epoch').innerText()).toMatch(/^≈ [\d.]+ s/)
  const first = Number(await time.getAttribute('data-seconds'))
  expect(first).toBeGreaterThan(0)
  // Twice the filters is another network, with another time; undone, the first answer is still known.
  await selectBlock(page, 'conv2d_2')
  await setNumber(page, 'filters', 64)
  await expect.poll(() => time.innerText()).not.toMatch(/^About/)
  await expect.poll(() => time.getAttribute('data-seconds'), { timeout: 30_000 }).not.toBeNull()
  expect(Number(await time.getAttribute('data-seconds'))).not.toBe(first)
  await blockNode(page, 'conv2d_2').focus()
  await page.keyboard.press('Control+z')
  await expect.poll(async () => Number(await time.getAttribute('data-seconds'))).toBe(first)
  await screenshot(page, '30-forecast')
  expect(await violations(page)).toEqual([])
})

it('goes on with the network as it was while the canvas is edited', async () => {
  const { page } = app
  await setEpochs(page, 60)
  await page.getByTestId('train-button').click()
  await expect
    .poll(async () => Number(await page.getByTestId('chart-loss').first().getAttribute('data-epochs')), {
      timeout: 90_000,
    })
    .toBeGreaterThan(0)
  expect(await page.getByTestId('edited-since').count()).toBe(0)
  await selectBlock(page, 'dense_2')
  await setNumber(page, 'units', 50)
  await expect.poll(() => page.getByTestId('edited-since').innerText()).toContain('as it was when it started')
  expect(await phase(page)).toBe('training')
  await screenshot(page, '31-edited')
  expect(await violations(page)).toEqual([])
  await page.getByTestId('stop-button').click()
  await expect.poll(() => phase(page), { timeout: 30_000 }).toBe('stopped')
})

it('continues from there with the keyboard, after saying which weights fit', async () => {
  const { page } = app
  await page.getByTestId('continue-edited').focus()
  await page.keyboard.press('Enter')
  const dialog = page.getByTestId('continue-dialog')
  await dialog.waitFor()
  const carried = (name: string) => page.getByTestId(`weight-${name}`).getAttribute('data-carried')
  expect(await carried('conv2d_1/kernel')).toBe('true')
  expect(await carried('dense_1/kernel')).toBe('true')
  expect(await carried('dense_2/kernel')).toBe('false')
  expect(await page.getByTestId('weight-dense_2/kernel').innerText()).toContain('it was 120×84')
  expect(await carried('dense_3/kernel')).toBe('false')
  expect(await carried('dense_3/bias')).toBe('true')
  expect(await page.getByTestId('continue-summary').innerText()).toMatch(/^50,\d+ of 57,\d+ parameters/)
  await screenshot(page, '32-continue')
  expect(await violations(page)).toEqual([])
  for (let press = 0; press < 10; press++) {
    if (await page.getByTestId('continue-start').evaluate((button) => button === document.activeElement))
      break
    await page.keyboard.press('Tab')
  }
  await page.keyboard.press('Enter')
  await expect.poll(() => page.getByTestId('carried-from').innerText()).toContain('7 of 10 weights')
  await expect.poll(() => phase(page), { timeout: 60_000 }).toBe('training')
  expect(await page.getByTestId('edited-since').count()).toBe(0)
  await page.getByTestId('stop-button').click()
  await expect.poll(() => phase(page), { timeout: 30_000 }).toMatch(/stopped|completed/)
  // A run that has not finished an epoch cannot be continued, and says so.
  await page.getByTestId('dock-tab-runs').click()
  await page.getByTestId('continue-run').waitFor()
  await screenshot(page, '33-runs')
  expect(await violations(page)).toEqual([])
  expect(app.problems).toEqual([])
})
