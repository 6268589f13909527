/** A run belongs to the main side: windows may come and go. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startServer, type AppServer } from './appServer'
import { launchBrowser, openApp, screenshot } from './browser'
import { pointsOf, setEpochs } from './designer'

let server: AppServer
let browser: Browser

beforeAll(async () => {
  server = await startServer()
  browser = await launchBrowser()
})
afterAll(async () => {
  await browser?.close()
  await server?.stop()
})

it('a run goes on without a window, two windows see the same, and stopping keeps what was learned', async () => {
  const first = await openApp(browser, server.address)
  await setEpochs(first.page, 1000)
  await first.page.getByTestId('train-button').click()
  await expect
    .poll(async () => (await pointsOf(first.page, 'loss')).steps, { timeout: 60_000 })
    .toBeGreaterThan(10)
  const before = await pointsOf(first.page, 'loss')
  await first.context.close()

  await new Promise((resolve) => setTimeout(resolve, 3000))

  const second = await openApp(browser, server.address)
  await second.page.getByTestId('dock-tab-training').click()
  await expect
    .poll(async () => (await pointsOf(second.page, 'loss')).steps, { timeout: 30_000 })
    .toBeGreaterThan(before.steps + 20)
  expect(await second.page.getByTestId('run-progress').getAttribute('data-phase')).toBe('training')

  const third = await openApp(browser, server.address)
  await third.page.getByTestId('dock-tab-training').click()
  await third.page.getByTestId('stop-button').waitFor()
  // A second run is refused while this one goes on: there is no Train button, only Stop.
  expect(await third.page.getByTestId('train-button').count()).toBe(0)
  await expect
    .poll(async () => (await pointsOf(third.page, 'loss')).epochs, { timeout: 90_000 })
    .toBeGreaterThan(0)
  await screenshot(third.page, '9-second-window')

  await third.page.getByTestId('stop-button').click()
  for (const { page } of [second, third]) {
    await expect
      .poll(() => page.getByTestId('run-progress').getAttribute('data-phase'), { timeout: 30_000 })
      .toBe('stopped')
    await page.getByTestId('train-button').waitFor()
  }
  const [two, three] = await Promise.all([pointsOf(second.page, 'loss'), pointsOf(third.page, 'loss')])
  expect(two).toEqual(three)
  expect([...second.problems, ...third.problems]).toEqual([])
})

it('without the token the page says so and gets nothing', async () => {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(new URL('/', server.address).href)
  await page.getByTestId('connection-lost').waitFor()
  expect(await page.getByTestId('data-summary').count()).toBe(0)
  await page.getByTestId('dock-tab-runs').click()
  expect(await page.locator('[data-testid^="run-"]').count()).toBe(0)
  await screenshot(page, '10-no-token')
  await context.close()
})
