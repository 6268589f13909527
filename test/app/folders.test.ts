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

it('what is typed while a folder is still being read stays', async () => {
  const { page, context } = await openApp(browser, server.address)
  await page.routeWebSocket(/./, (socket) => {
    const real = socket.connectToServer()
    real.onMessage((message) => void setTimeout(() => socket.send(message), 500))
  })
  await page.reload()
  await page.getByTestId('choose-folder').click()
  await page.getByTestId('path-input').fill(join(server.home, 'ready'))
  await page.getByTestId('path-picker').locator('.chosen[title]').waitFor()
  expect(await page.getByTestId('path-input').inputValue()).toBe(join(server.home, 'ready'))
  await context.close()
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

  it('or by lists that are chosen, typed or dropped, with what fits no image counted and named', async () => {
    const { page } = app
    const nobodies = Array.from({ length: 7 }, (_, i) => `nobody${i}`)
    await writeFile(join(server.home, 'download/test.txt'), ['Forest/0', 'Sea/1.jpg', ...nobodies].join('\n'))
    const list = join(server.home, 'train.csv')
    await writeFile(list, 'River/0.png,River\nRiver/1.png,River\nForest/2,Forest\nSea/3,Sea\n')
    await chooseFolder(page, 'download')
    await page.getByTestId('data-section-split').click()
    await expect.poll(() => page.getByTestId('part-counts').innerText()).toContain('River')
    await page.getByTestId('split-by').selectOption('lists')
    // Nothing is named yet: said here, while the lists that lie with the images are offered all the same.
    await expect.poll(() => page.getByTestId('split-failed').innerText()).toContain('names none')
    expect(await page.locator('datalist option').first().getAttribute('value')).toContain('test.txt')
    await screenshot(page, '23-lists-none')
    await page.getByTestId('testList-choose').click()
    await page.getByTestId('path-entries').getByText('test.txt').click()
    await page.getByTestId('path-choose').click()
    await expect.poll(() => page.getByTestId('testList-listed').innerText()).toContain('2 of 9 names')
    const notes = page.getByTestId('split-notes')
    expect(await notes.innerText()).toContain('13 images are in no list and trained on')
    await notes.getByText('and 2 more').click()
    expect(await notes.innerText()).toContain('nobody6')
    expect(await page.getByTestId('total-test').innerText()).toBe('2')
    await page.getByTestId('trainingList').fill(list)
    await page.getByTestId('trainingList').press('Enter')
    await expect.poll(() => page.getByTestId('trainingList-listed').innerText()).toContain('4 of 4 names')
    await expect.poll(() => notes.innerText()).toContain('9 images are in no list and left out')
    await screenshot(page, '23-split-by-lists')
    // A browser does not say where a dropped file lies.
    const transfer = await page.evaluateHandle(() => {
      const transfer = new DataTransfer()
      transfer.items.add(new File(['a'], 'val.txt', { type: 'text/plain' }))
      return transfer
    })
    await page.dispatchEvent('[data-list="validationList"] input', 'drop', { dataTransfer: transfer })
    await page.getByText('A browser does not tell where val.txt lies').waitFor()
    await page.getByTestId('trainingList-clear').click()
    await expect.poll(() => page.getByTestId('trainingList').inputValue()).toBe('')
  })
})

describe('another folder to validate on', () => {
  it('is chosen, counted, and refused with its reason where its classes are others', async () => {
    const { page } = app
    await chooseFolder(page, 'ready/Train')
    await page.getByTestId('data-section-split').click()
    const field = page.getByTestId('validation-source')
    await field.fill(join(server.home, 'ready/val'))
    await field.press('Enter')
    await expect.poll(() => page.getByTestId('total-validation').innerText()).toBe('4')
    expect(await page.getByTestId('total-training').innerText()).toBe('12')
    expect(await page.getByTestId('validation-split').isDisabled()).toBe(true)
    await screenshot(page, '23-validation-folder')
    await field.fill(join(server.home, 'download'))
    await field.press('Enter')
    await expect.poll(() => page.getByTestId('split-failed').innerText()).toContain('(Forest, River, Sea)')
    await page.getByTestId('validation-source-clear').click()
    await expect.poll(() => page.getByTestId('total-validation').innerText()).toBe('2')
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
