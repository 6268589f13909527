/** A folder of many-band images through the window: its bands named, chosen and computed, the network repaired for them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { tiffFile } from '../unit/storage/tiffFile'
import { startServer, type AppServer } from './appServer'
import { launchBrowser, openApp, screenshot, type AppPage } from './browser'

let server: AppServer
let browser: Browser
let app: AppPage
const folder = mkdtempSync(join(tmpdir(), 'interlock-bands-'))

/** EuroSAT's order, in which B10 is the tenth; vegetation is bright in B08, the eighth. */
function writeImages(): void {
  const levels = [1350, 1120, 1040, 950, 1200, 2000, 2370, 2300, 730, 12, 1820, 1120, 2600]
  for (const [label, name] of ['field', 'town'].entries()) {
    mkdirSync(join(folder, name))
    for (let image = 0; image < 12; image++) {
      const pixels = Uint16Array.from({ length: 16 * 16 * 13 }, (_, i) => {
        const bright = i % 13 === 7 || i % 13 === 12 ? (label === 0 ? 1.5 : 0.6) : 1
        const pixel = Math.floor(i / 13)
        return Math.round(levels[i % 13]! * bright * (1 + (((pixel * 37 + image * 11) % 17) - 8) / 40))
      })
      const place = { x: 500_000 + image * 160, y: 5_600_000, pixel: 10 }
      writeFileSync(join(folder, name, `${image}.tif`), tiffFile({ height: 16, width: 16, pixels, place }))
    }
  }
}

beforeAll(async () => {
  writeImages()
  server = await startServer()
  browser = await launchBrowser()
  app = await openApp(browser, server.address, { reducedMotion: 'reduce' })
})
afterAll(async () => {
  await browser?.close()
  await server?.stop()
  rmSync(folder, { recursive: true, force: true })
})

it('chooses bands, computes one, is warned of a wrong order and repairs the input block', async () => {
  const { page } = app
  await page.getByTestId('choose-folder').click()
  await page.getByTestId('path-input').fill(folder)
  await page.getByTestId('path-go').click()
  await expect.poll(() => page.getByTestId('path-entries').innerText()).toContain('town')
  await page.getByTestId('path-choose').click()
  await expect.poll(() => page.getByTestId('data-summary').innerText()).toContain('16×16×13')
  await page.getByTestId('data-section-bands').click()
  await expect.poll(() => page.getByTestId('band-facts').innerText()).toContain('13 bands of 16 bits')

  // Named in the wrong order, the darkest band is not the one that it should be.
  await page.getByTestId('band-order').selectOption('product')
  await expect.poll(() => page.getByTestId('band-doubt').innerText()).toContain('B09 is by far the darkest')
  await screenshot(page, '40-bands-doubted')
  await page.getByTestId('band-order').selectOption('eurosat')
  await page.getByTestId('band-doubt').waitFor({ state: 'detached' })

  for (const band of ['B01', 'B09', 'B10']) await page.getByLabel(band, { exact: true }).uncheck()
  await page.getByTestId('add-index-NDVI').click()
  expect(await page.getByLabel('Formula of NDVI').inputValue()).toBe('(B08 - B04) / (B08 + B04)')
  await page.getByLabel('Formula of NDVI').fill('(B08 - B04 / (B08 + B04)')
  await page.getByLabel('Formula of NDVI').press('Enter')
  await page.getByText('expected an operator or )').first().waitFor()
  await screenshot(page, '41-formula-wrong')
  await page.getByLabel('Formula of NDVI').fill('(B08 - B04) / (B08 + B04)')
  await page.getByLabel('Formula of NDVI').press('Enter')

  await page.getByTestId('issue-BAND_COUNT_MISMATCH').first().waitFor()
  await screenshot(page, '42-bands')
  await page.getByTestId('repair-BAND_COUNT_MISMATCH-0').first().click()
  await page.getByTestId('issue-BAND_COUNT_MISMATCH').first().waitFor({ state: 'detached' })
  await page.emulateMedia({ colorScheme: 'dark' })
  await screenshot(page, '43-bands-dark')
  expect(await page.getByTestId('block-input').innerText()).toContain('28×28×11')
  expect(app.problems).toEqual([])
})
