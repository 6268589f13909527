/** What floats on the canvas finds a place of its own: the callout of a misfit, and new comments. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startServer, type AppServer } from './appServer'
import { launchBrowser, openApp, screenshot, type AppPage } from './browser'
import { blockNode, centre, drag, selectBlock, setNumber } from './designer'
import { coveredBy, focusedTestId } from './graphOnScreen'

let server: AppServer
let browser: Browser
let app: AppPage
let page: Page

beforeAll(async () => {
  server = await startServer()
  browser = await launchBrowser()
})
beforeEach(async () => {
  app = await openApp(browser, server.address, { reducedMotion: 'reduce' })
  page = app.page
})
afterEach(async () => {
  expect(app.problems).toEqual([])
  await app.context.close()
})
afterAll(async () => {
  await browser?.close()
  await server?.stop()
})

describe('the callout of a misfit', () => {
  it('covers no block and no comment, wherever they are put', async () => {
    await selectBlock(page, 'conv2d_2')
    await setNumber(page, 'kernelSize', 15)
    await page.getByTestId('misfit').waitFor()
    await expect.poll(() => coveredBy(page, 'misfit')).toEqual([])
    await screenshot(page, '30-callout')

    // A comment written where it stands makes it give way.
    const [x, y] = await centre(page.getByTestId('misfit'))
    await page.getByTestId('comment').click()
    await page.getByTestId('name-field').fill('Look here.')
    await page.keyboard.press('Control+Enter')
    await drag(page, await centre(page.getByTestId('note-note_1')), [x, y])
    await expect.poll(() => coveredBy(page, 'misfit')).toEqual([])
    // And a block.
    await drag(page, await centre(blockNode(page, 'output').locator('.title')), [x, y])
    await expect.poll(() => coveredBy(page, 'misfit')).toEqual([])
    await screenshot(page, '31-callout-given-way')
  })

  it('tells what its repair leads to, and mends', async () => {
    await selectBlock(page, 'conv2d_2')
    await setNumber(page, 'kernelSize', 15)
    const callout = page.getByTestId('misfit')
    await expect.poll(() => callout.getByTestId('consequence').innerText()).toContain('? → 14×14×16')
    expect(await callout.getByTestId('consequence').innerText()).toContain('126,986 parameters')
    await callout.getByRole('button', { name: 'Set padding to same' }).click()
    await callout.waitFor({ state: 'detached' })
  })
})

describe('a new comment', () => {
  it('by its button lands beside what is selected, on nothing', async () => {
    await selectBlock(page, 'conv2d_1')
    await page.getByTestId('comment').click()
    const note = page.getByTestId('note-note_1')
    await note.waitFor()
    expect(await coveredBy(page, 'note-note_1')).toEqual([])
    const [x, y] = await centre(note)
    const [blockX, blockY] = await centre(blockNode(page, 'conv2d_1'))
    expect(Math.hypot(x - blockX, y - blockY)).toBeLessThan(300)
  })

  it('by the keyboard lands near the middle of the view, on nothing; the next one not on it', async () => {
    for (const id of ['note_1', 'note_2', 'note_3']) {
      await page.keyboard.press('Escape')
      await page.keyboard.press('Alt+c')
      await page.getByTestId(`note-${id}`).waitFor()
      expect(await coveredBy(page, `note-${id}`)).toEqual([])
      await page.getByTestId('name-field').fill(`This is the comment of the name ${id}, of some length.`)
      await page.keyboard.press('Control+Enter')
      expect(await focusedTestId(page)).toBe(`note-${id}`)
      expect(await coveredBy(page, `note-${id}`)).toEqual([])
    }
    const canvas = (await page.getByTestId('canvas').boundingBox())!
    const [x, y] = await centre(page.getByTestId('note-note_1'))
    expect(Math.abs(x - canvas.x - canvas.width / 2)).toBeLessThan(canvas.width / 4)
    expect(Math.abs(y - canvas.y - canvas.height / 2)).toBeLessThan(canvas.height / 3)
    await screenshot(page, '32-comments')
  })
})
