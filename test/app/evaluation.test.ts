/** How well a model does, as a person finds out: by mouse, by keyboard, with images of their own; in both themes. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { newProject } from '#shared/project/newProject'
import { serialiseProject } from '#shared/project/serialiseProject'
import { classFolder, smallProject } from '../unit/services/smallProjects'
import { plain, put } from '../unit/storage/testImages'
import { startServer, type AppServer } from './appServer'
import { violations } from './axe'
import { launchBrowser, openApp, screenshot } from './browser'

let server: AppServer
let browser: Browser

beforeAll(async () => {
  server = await startServer()
  browser = await launchBrowser()
  const data = await classFolder(join(server.home, 'data'), ['dark', 'grey', 'light'], 20)
  // Other light pictures among the dark ones: wrong labels, which the trained network takes for light.
  const more = await classFolder(join(server.home, 'more'), ['dark', 'grey', 'light'], 30)
  for (let i = 20; i < 30; i++)
    put(data, `dark/wrong${i}.png`, readFileSync(join(more, 'light', `0${i}.png`)))
})
afterAll(async () => {
  await browser?.close()
  await server?.stop()
})

async function dropFiles(page: Page, files: readonly { name: string; base64: string }[]): Promise<void> {
  const transfer = await page.evaluateHandle((list) => {
    const data = new DataTransfer()
    for (const { name, base64 } of list) {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
      data.items.add(new File([bytes], name))
    }
    return data
  }, files)
  await page.dispatchEvent('body', 'dragover', { dataTransfer: transfer })
  await page.dispatchEvent('body', 'drop', { dataTransfer: transfer })
}

async function train(page: Page): Promise<void> {
  const project = newProject(smallProject(join(server.home, 'data'), 3, 12))
  const file = put(server.home, 'small.interlock.json', serialiseProject(project))
  const base64 = readFileSync(file).toString('base64')
  await dropFiles(page, [{ name: 'small.interlock.json', base64 }])
  await expect.poll(() => page.getByTestId('project-name').inputValue()).toBe('Small')
  await page.getByTestId('dock-tab-data').click()
  await page.getByTestId('data-summary').waitFor()
  await page.getByTestId('train-button').click()
  await page.locator('[data-testid="run-progress"][data-phase="completed"]').waitFor({ timeout: 60_000 })
}

it('teaches before there is a run', async () => {
  const { page, context, problems } = await openApp(browser, server.address)
  await page.getByTestId('dock-tab-evaluation').click()
  await page.getByTestId('evaluation-empty').filter({ hasText: 'Train a network' }).waitFor()
  expect(await page.getByTestId('evaluate').isDisabled()).toBe(true)
  expect(await violations(page)).toEqual([])
  expect(problems).toEqual([])
  await context.close()
})

it('evaluates a run: matrix, images of a cell, classes, curves, calibration, mistakes', async () => {
  const { page, context, problems } = await openApp(browser, server.address)
  // Wide enough for the matrix and its images side by side.
  await page.setViewportSize({ width: 1600, height: 900 })
  await train(page)
  await page.getByTestId('dock-tab-evaluation').click()
  await page.getByTestId('evaluation-empty').waitFor()
  await page.getByTestId('evaluate').click()
  await page.locator('[data-testid="evaluation"][data-state="ready"]').waitFor()
  const images = Number(await page.getByTestId('evaluation-images').locator('dd').innerText())
  expect(images).toBe(14)

  // By mouse: the wrong labels are dark ones that were taken for light.
  const cell = (row: number, column: number) =>
    page.locator(`[data-testid="confusion-matrix"] td[data-row="${row}"][data-column="${column}"]`)
  const wrong = Number(await cell(0, 2).innerText())
  expect(wrong).toBeGreaterThan(0)
  await cell(0, 2).click()
  const grid = page.getByTestId('image-grid')
  await expect.poll(() => grid.getAttribute('data-total')).toBe(String(wrong))
  await page.getByTestId('chosen-image').filter({ hasText: 'dark/wrong' }).waitFor()
  const dark = (await Promise.all([0, 1, 2].map((column) => cell(0, column).innerText()))).map(Number)
  await page.getByTestId('matrix-shares').click()
  const shown = Number(await cell(0, 2).innerText())
  expect(shown).toBe(Math.round((100 * wrong) / dark.reduce((sum, n) => sum + n, 0)))

  // By keyboard: to a right one, into its images and along them.
  await cell(0, 0).focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowRight')
  await page
    .getByTestId('matrix-about')
    .filter({ hasText: /^\s*grey → grey: 4 images, 100\.0% of grey/ })
    .waitFor()
  await page.keyboard.press('Enter')
  await expect.poll(() => grid.getAttribute('data-total')).toBe('4')
  await grid.locator('[role="gridcell"][tabindex="0"]').focus()
  const first = await page.getByTestId('chosen-image').locator('.file').innerText()
  await page.keyboard.press('ArrowRight')
  await expect
    .poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-selected')))
    .toBe('true')
  await expect.poll(() => page.getByTestId('chosen-image').locator('.file').innerText()).not.toBe(first)
  await grid.locator('img').first().waitFor()

  await page.getByTestId('evaluation-view-classes').click()
  await page.getByTestId('sort-recall').click()
  const names = page.getByTestId('class-table').locator('tbody th')
  await expect.poll(() => names.first().innerText()).toBe('dark')
  await page.getByTestId('sort-recall').click()
  await expect.poll(() => names.last().innerText()).toBe('dark')
  expect(await page.locator('th[aria-sort="descending"]').innerText()).toBe('Recall')
  await names.last().locator('button').click()
  await page
    .getByTestId('curve-auc')
    .filter({ hasText: /AUC [01]\.\d{3}/ })
    .waitFor()
  await page.getByTestId('curve-class').selectOption('2')
  await page.getByTestId('evaluation-view-calibration').click()
  await page.getByTestId('expected-error').filter({ hasText: '%' }).waitFor()
  await page.getByTestId('evaluation-view-mistakes').click()
  await expect.poll(() => grid.getAttribute('data-total')).toBe(String(wrong))

  // The report, by the window's own dialog, twice: the second asks.
  for (const again of [false, true]) {
    await page.getByTestId('evaluation-report').click()
    await page.getByTestId('path-input').fill(server.home)
    await page.getByTestId('path-go').click()
    await page.getByTestId('path-file-name').fill('report.html')
    await page.getByTestId('path-choose').click()
    if (again) await page.getByTestId('confirm-yes').click()
    await page.getByTestId('notice').filter({ hasText: 'report.html' }).first().waitFor()
  }
  expect(existsSync(join(server.home, 'report.html'))).toBe(true)

  // Kept: a window that is opened later has it at once.
  await page.reload()
  await page.getByTestId('dock-tab-evaluation').click()
  await page.getByTestId('confusion-matrix').waitFor()
  expect(problems).toEqual([])
  await context.close()
})

it('in a small window a cell opens in place of the matrix, and one goes back to it by keyboard', async () => {
  const { page, context, problems } = await openApp(browser, server.address)
  await page.setViewportSize({ width: 1280, height: 800 })
  await page.getByTestId('dock-tab-evaluation').click()
  const matrix = page.getByTestId('confusion-matrix')
  await matrix.waitFor()
  await matrix.locator('td[role="gridcell"]').first().focus()
  await page.keyboard.press('Control+End')
  // Not scrolled below the names.
  const places = await page.evaluate(() => {
    const box = (selector: string) => document.querySelector(selector)!.getBoundingClientRect()
    return { cell: document.activeElement!.getBoundingClientRect().toJSON(), corner: box('.corner').toJSON() }
  })
  expect(places.cell.top).toBeGreaterThanOrEqual(places.corner.bottom - 1)
  expect(places.cell.left).toBeGreaterThanOrEqual(places.corner.right - 1)
  await page.keyboard.press('Enter')
  await page.getByTestId('chosen-image').waitFor()
  expect(await matrix.isVisible()).toBe(false)
  expect(await page.evaluate(() => document.activeElement?.getAttribute('data-testid'))).toBe('matrix-back')
  await page.keyboard.press('Enter')
  await matrix.waitFor()
  const focused = () => page.evaluate(() => ({ ...(document.activeElement as HTMLElement).dataset }))
  expect(await focused()).toMatchObject({ row: '2', column: '2' })
  expect(problems).toEqual([])
  await context.close()
})

it('predicts images that are dropped on the window, and says which are none', async () => {
  const { page, context, problems } = await openApp(browser, server.address)
  const light = (await plain(30, 20, [212, 212, 212]).png().toBuffer()).toString('base64')
  await dropFiles(page, [
    { name: '<b>light</b>.png', base64: light },
    { name: 'none.png', base64: btoa('not an image') },
  ])
  await page.locator('[data-testid="new-images"][data-waiting="0"]').waitFor()
  const cards = page.getByTestId('new-image')
  expect(await cards.count()).toBe(2)
  expect(await cards.nth(0).innerText()).toMatch(/^<b>light<\/b>\.png\s+light\s+\d/)
  expect(await cards.nth(1).innerText()).toMatch(/Not predicted: .*not a PNG/)
  await page.getByTestId('image-input').setInputFiles({
    name: 'chosen.png',
    mimeType: 'image/png',
    buffer: Buffer.from(light, 'base64'),
  })
  await expect.poll(() => cards.count()).toBe(3)
  await cards.first().filter({ hasText: 'chosen.png' }).locator('img').waitFor()

  // Who is not an image is told, stays, and stands last where predictions are compared.
  const unread = page.getByTestId('new-images-unread')
  expect(await unread.locator('summary').innerText()).toBe('1 was not predicted')
  await unread.locator('summary').click()
  expect(await unread.locator('li').innerText()).toMatch(/^none\.png .*not a PNG/)
  await page.getByTestId('new-images-order').selectOption('unsure')
  await cards.nth(2).filter({ hasText: 'none.png' }).waitFor()
  await page.getByTestId('new-images-order').selectOption('name')
  await cards.nth(1).filter({ hasText: 'chosen.png' }).waitFor()
  expect(await violations(page, '.dock')).toEqual([])

  // The table, written twice: the second asks; and copied.
  const table = join(server.home, 'new-images.csv')
  for (const again of [false, true]) {
    await page.getByTestId('save-new-images').click()
    await page.getByTestId('path-input').fill(server.home)
    await page.getByTestId('path-go').click()
    await page.getByTestId('path-choose').click()
    if (again) await page.getByTestId('confirm-yes').click()
    await page.getByTestId('notice').filter({ hasText: 'new-images.csv' }).first().waitFor()
  }
  const lines = readFileSync(table, 'utf8').trimEnd().split('\r\n')
  expect(lines[0]).toBe('file,predicted class,confidence,model,problem,p dark,p grey,p light')
  expect(lines.map((line) => line.split(',')[0])).toEqual([
    'file',
    '<b>light</b>.png',
    'chosen.png',
    'none.png',
  ])
  expect(lines[2]).toMatch(/^chosen\.png,light,0\.\d+,"Small, Best epoch",,[\d.e-]+,[\d.e-]+,0\.\d+$/)
  await context.grantPermissions(['clipboard-read'])
  await page.getByTestId('copy-new-images').click()
  await page.getByTestId('notice').filter({ hasText: 'Copied 3 rows' }).waitFor()
  const copied = (await page.evaluate(() => navigator.clipboard.readText())).split(/\r?\n/).slice(0, -1)
  expect(copied.map((line) => line.split('\t').length)).toEqual([8, 8, 8, 8])

  // Many at once: all are there, drawn are those on screen.
  await page.getByTestId('image-input').setInputFiles(
    Array.from({ length: 60 }, (_, i) => ({
      name: `many${i}.png`,
      mimeType: 'image/png',
      buffer: Buffer.from(light, 'base64'),
    })),
  )
  await page.getByTestId('new-images-count').filter({ hasText: '63 images' }).waitFor()
  expect(await cards.count()).toBeLessThan(40)
  expect(problems).toEqual([])
  await context.close()
})

it.each(['light', 'dark'] as const)('every view is free of violations in %s', async (colorScheme) => {
  const { page, context, problems } = await openApp(browser, server.address, {
    colorScheme,
    reducedMotion: 'reduce',
  })
  await page.setViewportSize({ width: 1280, height: 800 })
  await page.getByTestId('dock-tab-evaluation').click()
  await page.getByTestId('confusion-matrix').waitFor()
  await page.locator('td[role="gridcell"]').first().click()
  await page.getByTestId('image-grid').locator('img').first().waitFor()
  for (const view of ['matrix', 'classes', 'curves', 'calibration', 'mistakes', 'new']) {
    await page.getByTestId(`evaluation-view-${view}`).click()
    await page.waitForTimeout(300)
    expect(await violations(page), view).toEqual([])
    await screenshot(page, `evaluation-${view}-${colorScheme}`)
  }
  expect(problems).toEqual([])
  await context.close()
})
