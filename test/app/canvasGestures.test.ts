/** Gestures and keys of the canvas: nudging, names, groups, comments, the overview, and drops from the palette. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { startServer, type AppServer } from './appServer'
import { launchBrowser, openApp, type AppPage } from './browser'
import { blockNode, centre, drag, dragBlock, selectBlock } from './designer'
import { coveredBy, focusedTestId, onConnection, savedGraph } from './graphOnScreen'

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

const placeOf = async (id: string) =>
  (await savedGraph(page)).blocks.find((block) => block.id === id)!.position!
const alsoClick = (id: string, key: 'Shift' | 'Control') =>
  blockNode(page, id)
    .locator('.title')
    .click({ modifiers: [key] })

it('Ctrl and click adds to the selection and takes away; Ctrl and arrows move it, in one step', async () => {
  await selectBlock(page, 'conv2d_1')
  await alsoClick('dense_1', 'Control')
  await alsoClick('dense_2', 'Control')
  await alsoClick('dense_2', 'Control')
  expect(await page.locator('.block.selected').count()).toBe(2)
  const [before, other] = [await placeOf('conv2d_1'), await placeOf('dense_2')]
  await page.keyboard.press('Control+ArrowRight')
  await page.keyboard.press('Control+ArrowDown')
  expect(await placeOf('conv2d_1')).toEqual([before[0] + 12, before[1] + 12])
  expect(await placeOf('dense_2')).toEqual(other)
  await page.keyboard.press('Control+z')
  expect(await placeOf('conv2d_1')).toEqual(before)
})

it('distributes with even gaps', async () => {
  await selectBlock(page, 'input')
  await alsoClick('conv2d_1', 'Control')
  await alsoClick('conv2d_2', 'Control')
  await page.getByTestId('selection').getByTestId('alignAcross').click()
  const [a, b, c] = [await placeOf('input'), await placeOf('conv2d_1'), await placeOf('conv2d_2')]
  expect(Math.abs(b[0] - a[0] - (c[0] - b[0]))).toBeLessThanOrEqual(8)
})

it('F2 and double-click write a name in place; Escape leaves it; none brings the kind back', async () => {
  await selectBlock(page, 'dense_1')
  await page.keyboard.press('F2')
  await page.keyboard.type('Hidden')
  await page.keyboard.press('Enter')
  const title = blockNode(page, 'dense_1').locator('.title')
  expect(await title.innerText()).toBe('Hidden')
  expect(await focusedTestId(page)).toBe('block-dense_1')
  await title.dblclick()
  await page.getByTestId('name-field').fill('Other')
  await page.keyboard.press('Escape')
  expect(await title.innerText()).toBe('Hidden')
  await page.keyboard.press('F2')
  await page.getByTestId('name-field').fill('')
  await page.keyboard.press('Enter')
  expect(await title.innerText()).toBe('Dense')
})

it('Alt+G collapses and expands', async () => {
  await selectBlock(page, 'conv2d_1')
  await alsoClick('avgPool2d_1', 'Shift')
  await page.keyboard.press('Control+g')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Alt+g')
  await page.getByTestId('frame-group_1').waitFor()
  await page.keyboard.press('Alt+g')
  await page.getByTestId('group-group_1').waitFor()
})

it('a collapsed chain over two rows covers nothing, and moves as one', async () => {
  await selectBlock(page, 'conv2d_2')
  await alsoClick('avgPool2d_2', 'Control')
  await page.keyboard.press('Control+g')
  await page.keyboard.press('Enter')
  const group = page.getByTestId('group-group_1')
  await group.waitFor()
  expect(await coveredBy(page, 'group-group_1')).toEqual([])
  const [before, other] = [await placeOf('conv2d_2'), await placeOf('avgPool2d_2')]
  await group.focus()
  await page.keyboard.press('Control+ArrowDown')
  expect(await placeOf('conv2d_2')).toEqual([before[0], before[1] + 12])
  expect(await placeOf('avgPool2d_2')).toEqual([other[0], other[1] + 12])
})

it('a comment is dragged, and duplicated with what is selected', async () => {
  await page.keyboard.press('Alt+c')
  await page.getByTestId('name-field').fill('A word.')
  await page.keyboard.press('Control+Enter')
  const note = page.getByTestId('note-note_1')
  const [x, y] = await centre(note)
  await drag(page, [x, y], [x + 60, y + 80])
  const [movedX, movedY] = await centre(note)
  expect(Math.abs(movedX - x - 60)).toBeLessThan(8)
  expect(Math.abs(movedY - y - 80)).toBeLessThan(8)
  await selectBlock(page, 'dense_3')
  await note.click({ modifiers: ['Control'] })
  await page.keyboard.press('Control+d')
  await page.getByTestId('note-note_2').waitFor()
  await blockNode(page, 'dense_4').waitFor()
})

it('the overview moves the view', async () => {
  for (let i = 0; i < 4; i++) await page.getByTestId('zoomIn').click()
  const map = page.getByTestId('mini-map')
  await map.waitFor()
  const box = (await map.boundingBox())!
  const before = await centre(blockNode(page, 'input'))
  await drag(page, [box.x + 30, box.y + 20], [box.x + box.width - 20, box.y + box.height - 20])
  const after = await centre(blockNode(page, 'input'))
  expect(after[0]).toBeLessThan(before[0] - 100)
  expect(after[1]).toBeLessThan(before[1] - 50)
})

it('blocks from the palette land where they are dropped, or in the connection under them', async () => {
  const added = await dragBlock(page, 'dropout', [0.8, 0.8])
  expect((await savedGraph(page)).connections.some(({ from, to }) => from === added || to === added)).toBe(
    false,
  )
  const canvas = (await page.getByTestId('canvas').boundingBox())!
  const [x, y] = await onConnection(page, 'flatten_1→dense_1#0')
  const at = [(x - canvas.x) / canvas.width, (y - canvas.y) / canvas.height] as const
  const inserted = await dragBlock(page, 'batchNorm', at)
  expect((await savedGraph(page)).connections).toEqual(
    expect.arrayContaining([
      { from: 'flatten_1', to: inserted },
      { from: inserted, to: 'dense_1' },
    ]),
  )
})
