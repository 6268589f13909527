/** A trained network moved over a scene: chosen, mapped, looked at; a file that is there is not replaced silently. */
import { tmpdir } from 'node:os'
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fromFile } from 'geotiff'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startServer, type AppServer } from './appServer'
import { violations } from './axe'
import { launchBrowser, openApp, screenshot, type AppPage } from './browser'
import { chooseInMenu, setEpochs } from './designer'

let server: AppServer
let browser: Browser
let app: AppPage
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'interlock-scene-'))
  await copyFile(new URL('../fixtures/scene/grey.tif', import.meta.url), join(folder, 'harbour.tif'))
  server = await startServer()
  browser = await launchBrowser()
  app = await openApp(browser, server.address)
})
afterAll(async () => {
  await browser?.close()
  await server?.stop()
  await rm(folder, { recursive: true, force: true })
})

it('maps a scene with the network of a run, from the menu', async () => {
  const { page } = app
  await page.getByTestId('examples').locator('img').first().waitFor()
  await setEpochs(page, 1)
  await page.getByTestId('train-button').click()
  await expect
    .poll(() => page.getByTestId('run-progress').getAttribute('data-phase'), { timeout: 60_000 })
    .toBe('completed')
  await chooseInMenu(page, 'training.mapScene')
  const dialog = page.getByTestId('scene-dialog')
  await dialog.waitFor()
  await screenshot(page, '50-scene-empty')
  await page.getByTestId('scene-choose').click()
  await page.getByTestId('path-input').fill(folder)
  await page.getByTestId('path-go').click()
  await page.getByTestId('path-entries').getByText('harbour.tif').click()
  await page.getByTestId('path-choose').click()
  await expect
    .poll(() => page.getByTestId('scene-facts').innerText())
    .toBe('104×72 pixels, 1 band, EPSG:32632')
  const out = join(folder, 'harbour-classes.tif')
  expect(await page.getByTestId('scene-out').inputValue()).toBe(out)
  await page.getByTestId('scene-start').click()
  await page.getByTestId('scene-result').waitFor({ timeout: 30_000 })
  expect(await page.getByTestId('scene-class').count()).toBe(10)
  await page.getByTestId('scene-overlay').waitFor()
  await screenshot(page, '51-scene-mapped')
  expect(await violations(page)).toEqual([])
  const tiff = await fromFile(out)
  const image = await tiff.getImage()
  expect([image.getWidth(), image.getHeight(), ...image.getOrigin()]).toEqual([104, 72, 500000, 5600000, 0])
  await tiff.close()
})

it('asks before a map that is there is replaced, all with the keyboard', async () => {
  const { page } = app
  await page.getByTestId('scene-start').focus()
  await page.keyboard.press('Enter')
  await expect
    .poll(() => page.getByTestId('scene-dialog').getByRole('alert').innerText())
    .toContain('is there already')
  await screenshot(page, '52-scene-there')
  expect(await violations(page)).toEqual([])
  await page.getByTestId('scene-replace').focus()
  await page.keyboard.press('Space')
  await page.getByTestId('scene-start').focus()
  await page.keyboard.press('Enter')
  await page.getByTestId('scene-result').waitFor({ timeout: 30_000 })
  await page.keyboard.press('Escape')
  await page.getByTestId('scene-dialog').waitFor({ state: 'hidden' })
})
