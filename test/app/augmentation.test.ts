/** Augmentation in the data tab: its settings, what they do to an image, and where they are kept. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
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

/** What each picture shows: the original, then its variants. */
async function pictures(): Promise<string[]> {
  return app.page.getByTestId('augmented').evaluate((list) =>
    Promise.all(
      [...list.querySelectorAll('img')].map(async (image) => {
        await image.decode()
        const canvas = document.createElement('canvas')
        canvas.width = image.naturalWidth
        canvas.height = image.naturalHeight
        canvas.getContext('2d')!.drawImage(image, 0, 0)
        return canvas.toDataURL()
      }),
    ),
  )
}

it('shows an image and eight variants, which differ once something is asked for', async () => {
  const { page, problems } = app
  await page.getByTestId('data-summary').waitFor()
  await page.getByTestId('data-section-augmentation').click()
  await page.getByTestId('augmented').waitFor()
  const plain = await pictures()
  expect(plain).toHaveLength(9)
  expect(new Set(plain).size).toBe(1)
  expect(await page.getByTestId('augmentation-direction').isVisible()).toBe(false)

  // Two settings changed at once are two steps.
  await page.getByTestId('augment-rotate').check()
  await page.getByTestId('augment-flipVertical').check()
  await page.getByTestId('undo').click()
  await expect.poll(() => page.getByTestId('augment-flipVertical').isChecked()).toBe(false)
  expect(await page.getByTestId('augment-rotate').isChecked()).toBe(true)

  await page.getByTestId('augment-noise').fill('0.3')
  await expect.poll(async () => new Set(await pictures()).size).toBe(9)
  expect(await page.getByTestId('augmentation-direction').innerText()).toContain('A 6 turned round is a 9')
  await screenshot(page, '16-augmentation')

  const before = await pictures()
  await page.getByTestId('augment-again').click()
  await expect.poll(async () => (await pictures())[0] !== before[0]).toBe(true)
  expect(problems).toEqual([])
})
