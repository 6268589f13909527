/** Schedules, pause, going on after the end, and the learning-rate finder, with mouse and keyboard. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startServer, type AppServer } from './appServer'
import { violations } from './axe'
import { launchBrowser, openApp, screenshot, type AppPage } from './browser'
import { pointsOf, setEpochs } from './designer'

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
async function tabTo(page: Page, testId: string): Promise<void> {
  for (let press = 0; press < 12; press++) {
    if (await page.getByTestId(testId).evaluate((one) => one === document.activeElement)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`${testId} is not reached by Tab`)
}

it('finds a learning rate, draws its course, and takes it over as one step that can be undone', async () => {
  const { page } = app
  await page.getByTestId('examples').locator('img').first().waitFor()
  await page.getByTestId('dock-tab-training').click()
  const before = await page.getByTestId('learning-rate').inputValue()
  await page.getByTestId('find-rate').focus()
  await page.keyboard.press('Enter')
  const dialog = page.getByTestId('rate-dialog')
  await expect.poll(() => dialog.getAttribute('data-state-kind'), { timeout: 60_000 }).toBe('found')
  expect(Number(await page.getByTestId('rate-chart').getAttribute('data-points'))).toBeGreaterThan(50)
  const text = await page.getByTestId('rate-status').innerText()
  const rate = /^Suggested learning rate: ([\d.e-]+)$/.exec(text)![1]!
  expect(Number(rate)).toBeGreaterThan(1e-5)
  expect(Number(rate)).toBeLessThan(1)
  await screenshot(page, '40-find-rate')
  expect(await violations(page)).toEqual([])
  await tabTo(page, 'rate-apply')
  await page.keyboard.press('Enter')
  await dialog.waitFor({ state: 'detached' })
  expect(await page.getByTestId('learning-rate').inputValue()).toBe(rate)
  await page.getByTestId('undo').click()
  expect(await page.getByTestId('learning-rate').inputValue()).toBe(before)
  // Closed while it looks, it is called off and nothing goes on.
  await page.getByTestId('find-rate').click()
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  expect(await page.getByTestId('learning-rate').inputValue()).toBe(before)
})

it('sets a schedule, a warm-up and an early end, and shows the course of the rate', async () => {
  const { page } = app
  await setEpochs(page, 40)
  await page.getByTestId('schedule').selectOption('multiStep')
  const milestones = page.getByTestId('schedule-milestones')
  await milestones.fill('2, x')
  expect(await milestones.getAttribute('aria-invalid')).toBe('true')
  await milestones.fill('1, 2')
  await milestones.blur()
  expect(await milestones.inputValue()).toBe('1, 2')
  await page.getByTestId('warmup').selectOption('steps')
  await page.getByTestId('early-stopping').selectOption('valAccuracy')
  await page.getByTestId('stopping-patience').fill('30')
  const preview = page.getByTestId('schedule-preview')
  expect(await preview.locator('svg').getAttribute('aria-label')).toMatch(
    /^Learning rate by epoch: from 0\.00005 to 0\.00005, at most 0\.005$/,
  )
  await page.getByTestId('schedule').scrollIntoViewIfNeeded()
  await screenshot(page, '41-schedule')
  expect(await violations(page)).toEqual([])
})

it('pauses with the mouse, keeps everything, and goes on with the keyboard', async () => {
  const { page } = app
  await page.getByTestId('train-button').click()
  await expect.poll(async () => (await pointsOf(page, 'loss')).epochs, { timeout: 90_000 }).toBeGreaterThan(0)
  await expect
    .poll(() => page.getByTestId('learning-rate-now').innerText())
    .toMatch(/^learning rate [\d.e-]+$/)
  await page.getByTestId('pause-button').click()
  await expect.poll(() => phase(page)).toBe('paused')
  const held = await pointsOf(page, 'loss')
  await screenshot(page, '42-paused')
  expect(await violations(page)).toEqual([])
  // Another window finds the run, and finds it paused.
  const other = await openApp(browser, server.address)
  await other.page.getByTestId('dock-tab-training').click()
  expect(await phase(other.page)).toBe('paused')
  await other.context.close()
  expect(await pointsOf(page, 'loss')).toEqual(held)
  await page.getByTestId('pause-button').focus()
  await page.keyboard.press('Enter')
  await expect.poll(() => phase(page)).toBe('training')
  await expect
    .poll(async () => (await pointsOf(page, 'loss')).steps, { timeout: 60_000 })
    .toBeGreaterThan(held.steps)
  await page.getByTestId('stop-button').click()
  await expect.poll(() => phase(page), { timeout: 30_000 }).toBe('stopped')
})

it('resumes the stopped run in place, for as many epochs as asked', async () => {
  const { page } = app
  const before = await pointsOf(page, 'loss')
  await page.getByTestId('dock-tab-runs').click()
  expect(await page.getByTestId('run-settings').innerText()).toMatch(
    /rate × 0\.1 after epochs 1, 2 · warm-up 100 steps/,
  )
  await page.getByTestId('resume-run').focus()
  await page.keyboard.press('Enter')
  await page.getByTestId('resume-dialog').waitFor()
  const epochs = page.getByTestId('resume-epochs')
  expect(await epochs.inputValue()).toBe('40')
  await epochs.fill(String(before.epochs))
  expect(await page.getByTestId('resume-start').isDisabled()).toBe(true)
  await epochs.fill(String(before.epochs + 1))
  await page.getByTestId('resume-batch-size').fill('64')
  await screenshot(page, '43-resume')
  expect(await violations(page)).toEqual([])
  await tabTo(page, 'resume-start')
  await page.keyboard.press('Enter')
  await expect.poll(() => phase(page), { timeout: 90_000 }).toBe('completed')
  const after = await pointsOf(page, 'loss')
  expect(after.epochs).toBe(before.epochs + 1)
  expect(after.steps).toBeGreaterThan(before.steps)
  await page.getByTestId('dock-tab-runs').click()
  expect(await page.locator('[data-testid^="run-2"]').count()).toBe(1)
  expect(await page.getByTestId('resume-run').innerText()).toContain('More epochs')
  expect(app.problems).toEqual([])
})

it('goes on after the server was killed while it trained', async () => {
  const { page } = app
  await page.getByTestId('dock-tab-training').click()
  await page.getByTestId('train-button').click()
  await expect.poll(() => phase(page), { timeout: 30_000 }).toBe('training')
  await expect.poll(async () => (await pointsOf(page, 'loss')).epochs, { timeout: 90_000 }).toBeGreaterThan(1)
  await server.kill()
  server = await startServer(server.home)
  const next = await openApp(browser, server.address)
  await next.page.getByTestId('dock-tab-runs').click()
  await expect.poll(() => next.page.locator('[data-status="failed"]').count(), { timeout: 20_000 }).toBe(1)
  await next.page.locator('[data-status="failed"]').click()
  await next.page.getByTestId('resume-run').click()
  await next.page.getByTestId('resume-start').click()
  await expect.poll(() => phase(next.page), { timeout: 60_000 }).toBe('training')
  await expect
    .poll(async () => (await pointsOf(next.page, 'loss')).epochs, { timeout: 60_000 })
    .toBeGreaterThan(1)
  await next.page.getByTestId('stop-button').click()
  await expect.poll(() => phase(next.page), { timeout: 30_000 }).toBe('stopped')
  expect(next.problems).toEqual([])
})
