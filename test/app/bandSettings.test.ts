/** A folder of many-band images through the window: its bands named, chosen, computed and shown; the network repaired, trained and used. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Locator } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { tiffFile } from '../unit/storage/tiffFile'
import { startServer, type AppServer } from './appServer'
import { violations } from './axe'
import { launchBrowser, openApp, screenshot, type AppPage } from './browser'
import { setEpochs } from './designer'

let server: AppServer
let browser: Browser
let app: AppPage
const folder = mkdtempSync(join(tmpdir(), 'interlock-bands-'))

/** EuroSAT's order, in which B10 is the tenth; vegetation is bright in B08, the eighth. */
const levels = [1350, 1120, 1040, 950, 1200, 2000, 2370, 2300, 730, 12, 1820, 1120, 2600]

function imageOf(label: number, image: number): Buffer {
  const pixels = Uint16Array.from({ length: 16 * 16 * 13 }, (_, i) => {
    const bright = i % 13 === 7 || i % 13 === 12 ? (label === 0 ? 1.5 : 0.6) : 1
    const pixel = Math.floor(i / 13)
    return Math.round(levels[i % 13]! * bright * (1 + (((pixel * 37 + image * 11) % 17) - 8) / 40))
  })
  const place = { x: 500_000 + image * 160, y: 5_600_000, pixel: 10 }
  return tiffFile({ height: 16, width: 16, pixels, place })
}

function writeImages(): void {
  for (const [label, name] of ['field', 'town'].entries()) {
    mkdirSync(join(folder, name))
    for (let image = 0; image < 12; image++)
      writeFileSync(join(folder, name, `${image}.tif`), imageOf(label, image))
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

/** Colours of the middle of a picture, drawn anew until it is there. */
async function middleOf(picture: Locator): Promise<number[]> {
  await picture.waitFor()
  return picture.evaluate(async (image: HTMLImageElement) => {
    await image.decode()
    const canvas = document.createElement('canvas')
    const context = canvas.getContext('2d')!
    context.drawImage(image, 0, 0, 1, 1)
    return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)]
  })
}
const isGrey = async (picture: Locator) => new Set(await middleOf(picture)).size === 1

it('shows the bands that are chosen, in the grid, the preview and the examples', async () => {
  const { page } = app
  await page.getByTestId('data-section-images').click()
  const choice = page.getByTestId('display-bands')
  await expect.poll(() => choice.locator('option').first().innerText()).toContain('B04, B03, B02')
  const picture = page.getByTestId('image-grid').locator('img').first()
  await picture.waitFor()
  await choice.selectOption('infrared')
  await screenshot(page, '44-infrared-dark')
  await choice.selectOption('one NDVI')
  await expect.poll(() => isGrey(picture)).toBe(true)
  await choice.selectOption('own')
  await page.getByTestId('display-red').selectOption('B8A')
  await page.getByTestId('display-green').selectOption('B11')
  await page.emulateMedia({ colorScheme: 'light' })
  await screenshot(page, '45-own-bands')
  expect(await violations(page, '.dock')).toEqual([])
  await page.getByTestId('undo').click()
  await expect.poll(() => page.getByTestId('display-green').inputValue()).not.toBe('B11')
  await choice.selectOption('one NDVI')
  await page.getByTestId('data-section-augmentation').click()
  await expect.poll(() => isGrey(page.getByTestId('augmented').locator('img').first())).toBe(true)
  await screenshot(page, '46-preview-ndvi')
  await page.getByTestId('data-section-source').click()
  await expect.poll(() => isGrey(page.getByTestId('examples').locator('img').first())).toBe(true)
  expect(app.problems).toEqual([])
})

it('trains on the bands, evaluates and predicts a new image of many bands that is dropped', async () => {
  const { page } = app
  await page.getByTestId('repair-CLASS_COUNT_MISMATCH-0').first().click()
  await setEpochs(page, 2)
  await page.getByTestId('train-button').click()
  await page.locator('[data-testid="run-progress"][data-phase="completed"]').waitFor({ timeout: 60_000 })
  await page.getByTestId('dock-tab-evaluation').click()
  await page.getByTestId('evaluate').click()
  await page.locator('[data-testid="evaluation"][data-state="ready"]').waitFor()
  await page.getByTestId('confusion-matrix').locator('td[data-row="0"][data-column="0"]').click()
  await page.evaluate((base64) => {
    const data = new DataTransfer()
    data.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], 'new.tif'))
    for (const type of ['dragover', 'drop'])
      document.body.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true }))
  }, imageOf(0, 99).toString('base64'))
  const card = page.getByTestId('new-image').first()
  await expect.poll(() => card.innerText()).toMatch(/field|town/)
  // Its bands are unnamed in the file; the run and the project say what they are.
  expect(await isGrey(card.locator('img'))).toBe(true)
  await screenshot(page, '47-new-image')
  expect(app.problems).toEqual([])
})
