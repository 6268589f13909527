/** The data tab: its sections, and the dock over the whole window, by mouse and by keyboard. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer, type AppServer } from './appServer'
import { launchBrowser, openApp, screenshot, type AppPage } from './browser'

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

describe('sections', () => {
  it('are walked with the arrow keys, and each shows its settings', async () => {
    const { page } = app
    await page.getByTestId('data-summary').waitFor()
    await page.getByTestId('data-section-source').focus()
    await page.keyboard.press('ArrowDown')
    await page.getByTestId('validation-split').waitFor()
    expect(await page.getByTestId('data-section-split').getAttribute('aria-selected')).toBe('true')
    await page.keyboard.press('Home')
    await page.getByTestId('class-chart').waitFor()
  })
})

describe('the maximised dock', () => {
  it('covers palette, canvas and inspector, which cannot be reached, and gives them back as they were', async () => {
    const { page } = app
    const canvas = page.getByTestId('canvas')
    const before = await canvas.boundingBox()
    await page.getByTestId('maximise-dock').click()
    const dock = await page.locator('.dock').boundingBox()
    expect(dock?.width).toBe(1440)
    expect(dock?.height).toBeGreaterThan(780)
    expect(await canvas.evaluate((element) => element.hasAttribute('inert'))).toBe(true)
    await screenshot(page, '15-dock-maximised')
    // The network below is out of reach: deleting would not be seen.
    await page.keyboard.press('Control+a')
    await page.locator('body').press('Delete')
    await page.getByTestId('maximise-dock').click()
    expect(await canvas.evaluate((element) => element.hasAttribute('inert'))).toBe(false)
    expect(await canvas.boundingBox()).toEqual(before)
    expect(await page.getByTestId('total-params').innerText()).toBe('61,706')
  })

  it('comes and goes with a key, also from a closed dock, and makes way for what it covers', async () => {
    const { page, problems } = app
    const dock = page.locator('.dock')
    const isMaximised = async () => ((await dock.boundingBox())?.height ?? 0) > 600
    await page.keyboard.press('Alt+3')
    await page.keyboard.press('Alt+m')
    expect(await isMaximised()).toBe(true)
    await page.keyboard.press('F8')
    expect(await isMaximised()).toBe(false)
    await page.keyboard.press('Alt+m')
    await page.keyboard.press('Alt+1')
    expect(await isMaximised()).toBe(false)
    expect(await page.getByTestId('palette-conv2d').isVisible()).toBe(true)
    await page.keyboard.press('Alt+m')
    await page.keyboard.press('Alt+m')
    expect(await isMaximised()).toBe(false)
    expect(problems).toEqual([])
  })
})
