/** The menu of the right mouse button and of the menu key: the commands of the one list that fit what is under it. */
import type { Browser, Page } from 'playwright-core'
import { AxeBuilder } from '@axe-core/playwright'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startServer, type AppServer } from './appServer'
import { launchBrowser, openApp, screenshot, type AppPage } from './browser'
import { blockNode, centre, chooseInMenu, selectBlock } from './designer'
import { focusedTestId, onConnection, savedGraph } from './graphOnScreen'

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

const menu = () => page.getByRole('menu')
const items = async () =>
  (await menu().locator('[role="menuitem"]').all()).length === 0
    ? []
    : menu()
        .locator('[role="menuitem"]')
        .evaluateAll((all) =>
          all.map((item) => (item as HTMLElement).dataset['testid']?.slice('menu-'.length)),
        )
const rightClick = async (at: readonly [number, number]) => {
  await page.mouse.click(at[0], at[1], { button: 'right' })
  await menu().waitFor()
}
const title = (id: string) => centre(blockNode(page, id).locator('.title'))
const closed = () => menu().waitFor({ state: 'detached' })
/** In the empty, to the right of the last row. */
async function inTheEmpty(): Promise<[number, number]> {
  const [x, y] = await centre(blockNode(page, 'output'))
  return [x + 260, y]
}

describe('a block', () => {
  it('with the mouse: it is selected, and a command acts on it', async () => {
    await rightClick(await title('avgPool2d_1'))
    expect(await items()).toEqual(
      expect.arrayContaining(['edit.rename', 'edit.duplicate', 'edit.delete', 'edit.group']),
    )
    expect(await items()).not.toContain('edit.alignRow')
    const { violations } = await new AxeBuilder({ page }).analyze()
    expect(violations.map(({ id }) => id)).toEqual([])
    await screenshot(page, '40-menu-block')
    await page.getByTestId('menu-edit.delete').click()
    await blockNode(page, 'avgPool2d_1').waitFor({ state: 'detached' })
    expect((await savedGraph(page)).connections).toContainEqual({ from: 'conv2d_1', to: 'conv2d_2' })
  })

  it('with the keyboard: Shift+F10 and the menu key open it, the focus returns to the block', async () => {
    await blockNode(page, 'conv2d_1').focus()
    for (const key of ['Shift+F10', 'ContextMenu']) {
      await page.keyboard.press(key)
      await menu().waitFor()
      expect(await focusedTestId(page)).toBe('menu-edit.rename')
      await page.keyboard.press('Escape')
      await closed()
      expect(await focusedTestId(page)).toBe('block-conv2d_1')
      // Escape closed the menu only.
      expect(await blockNode(page, 'conv2d_1').getAttribute('aria-current')).toBe('true')
    }
    await page.keyboard.press('ContextMenu')
    await menu().waitFor()
    await page.keyboard.press('Enter')
    await page.keyboard.type('Edges')
    await page.keyboard.press('Enter')
    expect(await blockNode(page, 'conv2d_1').locator('.title').innerText()).toBe('Edges')
    expect(await focusedTestId(page)).toBe('block-conv2d_1')
  })
})

it('a connection offers a block to put in', async () => {
  await rightClick(await onConnection(page, 'conv2d_1→avgPool2d_1#0'))
  expect(await items()).toEqual(['edit.quickAdd', 'edit.delete'])
  await page.getByTestId('menu-edit.quickAdd').click()
  const list = page.getByTestId('quick-add')
  await list.waitFor()
  expect(await list.getByTestId('quick-add-output').count()).toBe(0)
  await page.keyboard.type('dropout')
  await page.keyboard.press('Enter')
  await blockNode(page, 'dropout_1').waitFor()
  const { connections } = await savedGraph(page)
  expect(connections).toEqual(
    expect.arrayContaining([
      { from: 'conv2d_1', to: 'dropout_1' },
      { from: 'dropout_1', to: 'avgPool2d_1' },
    ]),
  )
  // The palette goes into a selected connection too.
  await page.mouse.click(...(await onConnection(page, 'input→conv2d_1#0')))
  await page.getByTestId('palette-batchNorm').click()
  await blockNode(page, 'batchNorm_1').waitFor()
  expect((await savedGraph(page)).connections).toContainEqual({ from: 'input', to: 'batchNorm_1' })
})

it('several keep their selection, and are aligned by the menu and by the inspector', async () => {
  await blockNode(page, 'conv2d_1').locator('.title').click()
  await blockNode(page, 'dense_1')
    .locator('.title')
    .click({ modifiers: ['Control'] })
  await rightClick(await title('dense_1'))
  expect(await page.locator('.block.selected').count()).toBe(2)
  await page.getByTestId('menu-edit.alignColumn').click()
  await closed()
  const left = async (id: string) =>
    (await savedGraph(page)).blocks.find((block) => block.id === id)!.position![0]
  expect(await left('conv2d_1')).toBe(await left('dense_1'))
  await page.keyboard.press('Control+z')
  expect(await left('conv2d_1')).not.toBe(await left('dense_1'))

  const panel = page.getByTestId('selection')
  expect(await panel.innerText()).toContain('2 blocks selected')
  await panel.getByTestId('alignColumn').click()
  expect(await left('conv2d_1')).toBe(await left('dense_1'))
  await panel.getByTestId('selection-edit.group').click()
  await page.getByTestId('name-field').fill('Pair')
  await page.keyboard.press('Enter')
  // One that is not among them is chosen alone.
  await rightClick(await title('flatten_1'))
  expect(await page.locator('.block.selected').count()).toBe(1)
})

it('a group, collapsed and expanded, and a comment', async () => {
  await blockNode(page, 'conv2d_1').locator('.title').click()
  await blockNode(page, 'avgPool2d_1')
    .locator('.title')
    .click({ modifiers: ['Shift'] })
  await page.keyboard.press('Control+g')
  await page.keyboard.press('Escape')
  await rightClick(await centre(page.getByTestId('group-group_1')))
  expect(await items()).toEqual(expect.arrayContaining(['edit.rename', 'edit.toggleGroup', 'edit.ungroup']))
  await page.getByTestId('menu-edit.toggleGroup').click()
  const frame = page.getByTestId('frame-name-group_1')
  await frame.waitFor()
  await page.keyboard.press('Escape')
  await rightClick(await centre(frame))
  await page.getByTestId('menu-edit.rename').click()
  await page.getByTestId('name-field').fill('Edges')
  await page.keyboard.press('Enter')
  expect(await frame.innerText()).toBe('Edges')

  await page.keyboard.press('Alt+c')
  await page.getByTestId('name-field').fill('A word.')
  await page.keyboard.press('Control+Enter')
  await rightClick(await centre(page.getByTestId('note-note_1')))
  expect(await items()).not.toContain('edit.group')
  await page.getByTestId('menu-edit.rename').click()
  expect(await page.getByTestId('name-field').inputValue()).toBe('A word.')
})

it('the empty canvas: what is added there stands there', async () => {
  const at = await inTheEmpty()
  await rightClick(at)
  expect(await items()).toEqual(
    expect.arrayContaining(['edit.quickAdd', 'edit.comment', 'edit.paste', 'view.fit']),
  )
  await page.getByTestId('menu-edit.comment').click()
  await page.getByTestId('name-field').fill('Here.')
  await page.keyboard.press('Control+Enter')
  const note = (await page.getByTestId('note-note_1').boundingBox())!
  expect(Math.hypot(note.x - at[0], note.y - at[1])).toBeLessThan(40)

  await selectBlock(page, 'dense_2')
  await page.getByTestId('menu').click()
  await page.getByTestId('menu-edit.copy').click()
  await rightClick([at[0], at[1] + 60])
  await page.getByTestId('menu-edit.paste').click()
  const pasted = blockNode(page, 'dense_4')
  await pasted.waitFor()
  // The view may have moved to show it, so the places of the graph are compared.
  const { blocks, notes } = await savedGraph(page)
  const [x, y] = blocks.find(({ id }) => id === 'dense_4')!.position!
  expect(Math.abs(x - notes[0]!.position[0])).toBeLessThan(40)
  expect(y).toBeGreaterThan(notes[0]!.position[1] + 30)
  await page.keyboard.press('Control+z')

  // A block too, joined to nothing.
  await rightClick(at)
  await page.getByTestId('menu-edit.quickAdd').click()
  await page.getByTestId('quick-add').waitFor()
  await page.keyboard.type('dropout')
  await page.keyboard.press('Enter')
  const added = blockNode(page, 'dropout_1')
  await added.waitFor()
  expect((await savedGraph(page)).connections.filter(({ to }) => to === 'dropout_1')).toEqual([])
})

it('after a dialog that a menu or the list of commands opened, the focus is back', async () => {
  await chooseInMenu(page, 'view.help')
  await page.getByTestId('shortcut-help').waitFor()
  await page.keyboard.press('Escape')
  await expect.poll(() => focusedTestId(page)).toBe('menu')
  await page.getByTestId('menu').press('Enter')
  await page.getByTestId('menu-project.new').press('Enter')
  await page.getByTestId('templates').waitFor()
  await page.keyboard.press('Escape')
  await expect.poll(() => focusedTestId(page)).toBe('menu')

  await blockNode(page, 'conv2d_1').focus()
  await page.keyboard.press('Control+k')
  await page.getByTestId('command-palette').waitFor()
  await page.keyboard.type('new project')
  await page.keyboard.press('Enter')
  await page.getByTestId('templates').waitFor()
  await page.keyboard.press('Escape')
  await expect.poll(() => focusedTestId(page)).toBe('block-conv2d_1')
})
