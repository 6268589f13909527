/** Folders of images as people have them: nested, with train and test folders, many files; looked at, changed, called off. */
import { mkdir, writeFile } from 'node:fs/promises'
import { linkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer, type AppServer } from './appServer'
import { launchBrowser, openApp, screenshot, type AppPage } from './browser'

let server: AppServer
let browser: Browser
let app: AppPage

async function put(...files: string[]): Promise<void> {
  const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'teal' } })
    .png()
    .toBuffer()
  for (const file of files) {
    const path = join(server.home, file)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, png)
  }
}

const numbered = (folder: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${folder}/${i}.png`)

async function chooseFolder(page: Page, path: string): Promise<void> {
  await page.getByTestId('data-section-source').click()
  await page.getByTestId('choose-folder').click()
  await page.getByTestId('path-input').fill(join(server.home, path))
  await page.getByTestId('path-go').click()
  // The listing of the path is there when it is offered to be chosen.
  await page
    .getByTestId('path-picker')
    .locator(`.chosen[title="${join(server.home, path).replace(/\/$/, '')}"]`)
    .waitFor()
  await page.getByTestId('path-choose').click()
}

beforeAll(async () => {
  server = await startServer()
  await put(
    ...['River', 'Forest', 'Sea'].flatMap((name) => numbered(`download/EuroSAT RGB/EuroSAT/${name}`, 5)),
    ...['cat', 'dog'].flatMap((name) => [
      ...numbered(`ready/Train/${name}`, 6),
      ...numbered(`ready/val/${name}`, 2),
      ...numbered(`ready/test/${name}`, 3),
    ]),
  )
  browser = await launchBrowser()
  app = await openApp(browser, server.address)
})

afterAll(async () => {
  await browser?.close()
  await server?.stop()
})

describe('a folder whose classes lie deep inside', () => {
  it('shows where they were found, and another root can be chosen', async () => {
    const { page } = app
    await chooseFolder(page, 'download')
    const root = page.getByTestId('class-root')
    await root.waitFor()
    expect(await root.locator('option').first().innerText()).toContain('EuroSAT RGB/EuroSAT')
    await expect.poll(() => page.getByTestId('data-summary').innerText()).toContain('3 classes')
    await screenshot(page, '21-class-root')
    await chooseFolder(page, '')
    await expect.poll(() => root.locator('option').allInnerTexts()).toHaveLength(7)
    await root.selectOption('ready/val')
    await expect.poll(() => page.getByTestId('data-summary').innerText()).toContain('4 images')
  })
})

describe('a folder with train, val and test folders', () => {
  it('is split by them, says so, and can be split by chance all the same', async () => {
    const { page } = app
    await chooseFolder(page, 'ready')
    await page.getByTestId('data-section-split').click()
    const by = page.getByTestId('split-by')
    await expect.poll(() => by.inputValue()).toBe('folders')
    await expect.poll(() => page.getByTestId('total-training').innerText()).toBe('12')
    expect(await page.getByTestId('total-validation').innerText()).toBe('4')
    expect(await page.getByTestId('total-test').innerText()).toBe('6')
    expect(await page.getByTestId('part-folders').innerText()).toContain('Train')
    expect(await page.getByTestId('validation-split').isDisabled()).toBe(true)
    await screenshot(page, '22-split-by-folders')
    await by.selectOption('seed')
    await page.getByTestId('part-folders-unused').waitFor()
    await expect.poll(() => page.getByTestId('part-counts').innerText()).toContain('Train')
    await page.getByTestId('use-part-folders').click()
    await expect.poll(() => page.getByTestId('total-training').innerText()).toBe('12')
  })

  it('or by lists, with what fits no image counted', async () => {
    const { page } = app
    const list = join(server.home, 'test.txt')
    await writeFile(list, 'Forest/0\nSea/1.jpg\nnobody\n')
    await chooseFolder(page, 'download')
    await page.getByTestId('data-section-split').click()
    await page.getByTestId('split-by').selectOption('lists')
    await page.getByTestId('testList').fill(list)
    await page.getByTestId('testList').press('Enter')
    await expect.poll(() => page.getByTestId('split-notes').innerText()).toContain('nobody')
    expect(await page.getByTestId('total-test').innerText()).toBe('2')
    await screenshot(page, '23-split-by-lists')
  })
})

describe('a folder of very many files', () => {
  it('tells how far it is, and can be called off', async () => {
    const { page, problems } = app
    await put('many/a/0.png', 'many/b/0.png')
    for (const name of ['a', 'b'])
      for (let i = 1; i <= 40_000; i++)
        linkSync(join(server.home, `many/${name}/0.png`), join(server.home, `many/${name}/${i}.png`))
    await chooseFolder(page, 'many')
    await page.getByTestId('files-seen').waitFor()
    expect(await page.getByTestId('files-seen').innerText()).toMatch(/[\d,]+ files so far/)
    await page.getByTestId('stop-reading').click()
    await page.getByTestId('data-stopped').waitFor()
    await screenshot(page, '24-scan-called-off')
    await page.getByTestId('data-stopped').getByRole('button').click()
    await expect
      .poll(() => page.getByTestId('data-summary').innerText(), { timeout: 60_000 })
      .toContain('80,002 images')
    expect(problems).toEqual([])
  })
})
