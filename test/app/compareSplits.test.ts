/** A random split compared with one by place, from the data tab to the runs. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { serialiseProject } from '#shared/project/serialiseProject'
import { landscape, landscapeProject } from '../unit/services/smallProjects'
import { startServer, type AppServer } from './appServer'
import { launchBrowser, openApp, screenshot, type AppPage } from './browser'
import { chooseInMenu } from './designer'

let server: AppServer
let browser: Browser
let app: AppPage

beforeAll(async () => {
  server = await startServer()
  const project = landscapeProject(landscape(join(server.home, 'landscape')))
  await writeFile(join(server.home, 'landscape.interlock.json'), serialiseProject(project))
  browser = await launchBrowser()
  app = await openApp(browser, server.address)
})

afterAll(async () => {
  await browser?.close()
  await server?.stop()
})

it('says what it will do, can be cancelled, and tells the gap in words; both runs are found again', async () => {
  const { page, problems } = app
  await chooseInMenu(page, 'project.open')
  await page.getByTestId('path-input').fill(server.home)
  await page.getByTestId('path-go').click()
  await page.getByTestId('path-entries').getByText('landscape.interlock.json').click()
  await page.getByTestId('path-choose').click()
  await page.getByTestId('dock-tab-data').click()
  await page.getByTestId('data-section-split').click()
  await expect.poll(() => page.getByTestId('part-counts').innerText()).toContain('All')
  await page.getByTestId('compare-splits').click()
  const dialog = page.getByTestId('compare-splits-dialog')
  await expect.poll(() => dialog.innerText()).toMatch(/trains the network twice/i)
  await screenshot(page, '25-compare-splits-dialog')
  const epochs = page.getByTestId('compare-splits-epochs')
  expect(await epochs.inputValue()).toBe('10')
  await epochs.fill('20000')
  await page.getByTestId('compare-splits-start').click()
  await expect
    .poll(() => page.getByTestId('compare-splits-progress').innerText(), { timeout: 20_000 })
    .toMatch(/By chance, run 1 of 2: epoch/)
  await screenshot(page, '25-compare-splits-progress')
  await page.getByTestId('compare-splits-stop').click()
  await page.getByText('The last comparison was not finished.').waitFor()
  await page.getByTestId('compare-splits').click()
  await epochs.fill('40')
  await page.getByTestId('compare-splits-start').click()
  const verdict = page.getByTestId('spatial-verdict')
  await verdict.waitFor({ timeout: 60_000 })
  expect(await verdict.getAttribute('data-verdict')).toBe('flattered')
  expect(await verdict.innerText()).toMatch(/By chance the network looks [\d.]+ points better/)
  expect(parseFloat(await page.getByTestId('spatial-seed').innerText())).toBeGreaterThan(90)
  await screenshot(page, '25-compare-splits-result')
  await page.emulateMedia({ colorScheme: 'dark' })
  await screenshot(page, '25-compare-splits-result-dark')
  await page.emulateMedia({ colorScheme: 'light' })
  // Another window finds them as well.
  await page.reload()
  await page.getByTestId('dock-tab-runs').click()
  await expect.poll(() => page.getByText('two splits: by place').count()).toBeGreaterThan(0)
  await screenshot(page, '25-compare-splits-runs')
  expect(problems).toEqual([])
})
