/** The images of a folder, seen one by one and surveyed, in a real browser by mouse and by keyboard. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { noise } from '../unit/storage/testImages'
import { startServer, type AppServer } from './appServer'
import { violations } from './axe'
import { launchBrowser, openApp, screenshot } from './browser'

let server: AppServer
let browser: Browser
let folder: string

/** 1,200 images of two classes, very unlike in number, with planted copies and a grey one. */
beforeAll(async () => {
  server = await startServer()
  browser = await launchBrowser()
  folder = join(server.home, 'pictures')
  for (const name of ['many', 'few']) mkdirSync(join(folder, name), { recursive: true })
  const pictures = await Promise.all(
    Array.from({ length: 1200 }, (_, i) =>
      noise(32, 32, i + 1)
        .png()
        .toBuffer(),
    ),
  )
  pictures.forEach((picture, i) => {
    const name = i < 1180 ? 'many' : 'few'
    writeFileSync(join(folder, name, `${String(i).padStart(4, '0')}.png`), picture)
  })
  writeFileSync(join(folder, 'few', 'copy.png'), pictures[5]!)
  writeFileSync(join(folder, 'many', 'copy.png'), pictures[9]!)
  const grey = sharp({ create: { width: 32, height: 32, channels: 3, background: '#777' } })
  writeFileSync(join(folder, 'many', 'grey.png'), await grey.png().toBuffer())
})
afterAll(async () => {
  await browser?.close()
  await server?.stop()
})

async function chooseFolder(page: Page): Promise<void> {
  await page.getByTestId('choose-folder').click()
  await page.getByTestId('path-input').fill(folder)
  await page.getByTestId('path-go').click()
  await page.getByTestId('path-choose').click()
  await expect.poll(() => page.getByTestId('data-summary').innerText()).toContain('1,203')
}

const drawn = (page: Page) => page.locator('[data-testid="image-grid"] img').count()

describe.each(['light', 'dark'] as const)('in %s', (colorScheme) => {
  it('images are walked through, seen large, left out and taken in; a survey finds what was planted', async () => {
    const { page, context, problems } = await openApp(browser, server.address, { colorScheme })
    await page.getByTestId('data-summary').waitFor()
    await chooseFolder(page)
    await page.getByTestId('data-section-images').click()
    await page.getByTestId('maximise-dock').click()
    await expect.poll(() => drawn(page), { timeout: 60_000 }).toBeGreaterThan(40)
    // Of 1,203 images only those on screen and a few rows more exist.
    expect(await page.locator('[data-testid="image-grid"] [role="option"]').count()).toBeLessThan(300)
    expect(await violations(page, '.dock')).toEqual([])
    await screenshot(page, `16-images-${colorScheme}`)

    const grid = page.getByTestId('image-grid')
    await grid.focus()
    await page.keyboard.press('End')
    const active = page.locator('[data-testid="image-grid"] [aria-selected="true"]')
    await expect.poll(() => active.getAttribute('aria-posinset')).toBe('1203')
    await page.keyboard.press('Home')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Enter')
    const viewer = page.getByTestId('image-viewer')
    await viewer.locator('img').waitFor()
    expect(await viewer.innerText()).toContain('32×32')
    await screenshot(page, `17-viewer-${colorScheme}`)
    await page.keyboard.press('ArrowRight')
    await expect.poll(() => viewer.innerText()).toContain('3 of 1,203')
    await page.keyboard.press('Delete')
    await expect.poll(() => viewer.innerText()).toContain('left out')
    await page.keyboard.press('Escape')
    await viewer.waitFor({ state: 'detached' })
    await expect.poll(() => active.getAttribute('aria-posinset')).toBe('3')
    expect(await active.getAttribute('aria-label')).toContain('left out')
    await page.keyboard.press('Delete')
    await expect.poll(() => active.getAttribute('aria-label')).not.toContain('left out')

    await page.getByTestId('data-section-survey').click()
    await page.getByTestId('start-survey').click()
    await page.getByTestId('survey-duplicates').waitFor({ timeout: 120_000 })
    await page.getByTestId('weigh-classes').click()
    await page.getByTestId('weigh-classes').waitFor({ state: 'detached' })
    expect(await violations(page, '.dock')).toEqual([])
    await page.getByTestId('survey-duplicates').click()
    const findings = page.getByTestId('finding')
    await expect.poll(() => findings.count()).toBe(2)
    // A label that contradicts another comes first, and all of its images go.
    expect(await findings.first().innerText()).toContain('2 classes')
    await findings.first().getByTestId('leave-finding-out').click()
    await findings.first().getByTestId('take-finding-in').waitFor()
    await screenshot(page, `18-duplicates-${colorScheme}`)
    expect(await violations(page, '.dock')).toEqual([])
    await page.getByTestId('undo').click()
    await findings.first().getByTestId('leave-finding-out').waitFor()
    await page.getByTestId('survey-suspicious').click()
    await expect.poll(() => findings.first().innerText()).toContain('One value all over')
    await page.getByTestId('survey-bands').click()
    await expect.poll(() => page.getByTestId('band-statistics').count()).toBe(3)
    expect(await violations(page, '.dock')).toEqual([])
    expect(problems).toEqual([])
    await context.close()
  })
})
