/** Editing on the canvas as people expect it: each thing with the mouse and with the keyboard, one step to undo each. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Graph } from '#shared/graph/types'
import { startServer, type AppServer } from './appServer'
import { launchBrowser, openApp, screenshot, type AppPage } from './browser'
import {
  blockNode,
  centre,
  chooseInMenu,
  drag,
  fitStatus,
  selectBlock,
  startEmptyProject,
  totalOf,
} from './designer'
import { onConnection, savedGraph } from './graphOnScreen'

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

const saved = () => savedGraph(page)
const chain = async (): Promise<string[]> =>
  (await saved()).connections.map(({ from, to }) => `${from}→${to}`)
const blockCount = () => page.locator('.block').count()
const undo = () => page.keyboard.press('Control+z')

const at = (selector: string) => centre(page.locator(selector))
const dragTo = (from: readonly [number, number], to: readonly [number, number]) => drag(page, from, to)

describe('the order of a chain', () => {
  it('is changed by dragging a block onto another connection', async () => {
    const before = await chain()
    expect(before).toContain('conv2d_1→avgPool2d_1')
    const block = await at('[data-testid="block-conv2d_1"] .title')
    await dragTo(block, await onConnection(page, 'conv2d_2→avgPool2d_2#0'))
    const after = await chain()
    expect(after).toContain('input→avgPool2d_1')
    expect(after).toContain('conv2d_2→conv2d_1')
    expect(after).toContain('conv2d_1→avgPool2d_2')
    expect(after).toHaveLength(before.length)
    await undo()
    expect((await chain()).toSorted()).toEqual(before.toSorted())
  })

  it('is changed with Alt and the arrow keys', async () => {
    const before = await chain()
    await selectBlock(page, 'conv2d_1')
    await blockNode(page, 'conv2d_1').focus()
    await page.keyboard.press('Alt+ArrowRight')
    expect(await chain()).toEqual(expect.arrayContaining(['input→avgPool2d_1', 'avgPool2d_1→conv2d_1']))
    await page.keyboard.press('Alt+ArrowLeft')
    expect((await chain()).toSorted()).toEqual(before.toSorted())
  })
})

describe('adding by typing', () => {
  it('puts a block after the selected one, and joins it', async () => {
    await blockNode(page, 'avgPool2d_1').focus()
    await page.keyboard.type('drop')
    await page.getByTestId('quick-add').waitFor()
    await page.keyboard.press('Enter')
    await blockNode(page, 'dropout_1').waitFor()
    expect(await chain()).toEqual(expect.arrayContaining(['avgPool2d_1→dropout_1', 'dropout_1→conv2d_2']))
    await undo()
    expect(await blockCount()).toBe(10)
  })

  it('builds a chain from nothing, one name and Enter after the other, however fast', async () => {
    await startEmptyProject(page)
    for (const name of ['input', 'conv', 'average', 'flatten', 'dense', 'output']) {
      await page.keyboard.type(name)
      await page.getByTestId('quick-add').waitFor()
      await page.keyboard.press('Enter')
      await page.getByTestId('quick-add').waitFor({ state: 'detached' })
    }
    expect(await chain()).toHaveLength(5)
    expect(await fitStatus(page)).toContain('1 problem')
    // At a person's pace every letter counts too.
    await page.keyboard.type('dro', { delay: 120 })
    expect(await page.getByTestId('quick-add').locator('input').inputValue()).toBe('dro')
    await page.keyboard.press('Escape')
  })

  it('works by double-click in the empty, and where a connection ends in the empty', async () => {
    await startEmptyProject(page)
    const box = (await page.getByTestId('canvas').boundingBox())!
    await page.mouse.dblclick(box.x + 120, box.y + 60)
    await page.getByTestId('quick-add-input').click()
    const port = await at('[data-testid="block-input"] .source')
    await dragTo(port, [port[0] + 160, port[1]])
    await page.getByTestId('quick-add-conv2d').click()
    await blockNode(page, 'conv2d_1').waitFor()
    expect(await chain()).toEqual(['input→conv2d_1'])
  })
})

describe('selecting', () => {
  it('takes several with a frame, with Shift and click, with Shift and arrows, and all', async () => {
    const [first, third] = [
      await at('[data-testid="block-input"]'),
      await at('[data-testid="block-conv2d_1"]'),
    ]
    await page.keyboard.down('Shift')
    await page.mouse.move(first[0] - 75, first[1] - 70)
    await page.mouse.down()
    await page.mouse.move(third[0], third[1], { steps: 6 })
    await page.mouse.up()
    await page.keyboard.up('Shift')
    expect(await page.locator('.block.selected').count()).toBe(2)
    await blockNode(page, 'conv2d_2')
      .locator('.title')
      .click({ modifiers: ['Shift'] })
    expect(await page.locator('.block.selected').count()).toBe(3)
    await blockNode(page, 'conv2d_1').locator('.title').click()
    await page.keyboard.press('Shift+ArrowRight')
    expect(await page.locator('.block.selected').count()).toBe(2)
    await page.keyboard.press('Control+a')
    expect(await page.locator('.block.selected').count()).toBe(10)
    await page.keyboard.press('Escape')
    expect(await page.locator('.block.selected').count()).toBe(0)
  })

  it('aligns and distributes, in one step', async () => {
    await page.keyboard.press('Control+a')
    await page.keyboard.press('Control+k')
    await page.getByTestId('command-palette').waitFor()
    await page.keyboard.type('align in a row')
    await page.keyboard.press('Enter')
    const heights = new Set((await saved()).blocks.map(({ position }) => position![1]))
    expect(heights.size).toBe(1)
    await undo()
    expect(new Set((await saved()).blocks.map(({ position }) => position![1])).size).toBeGreaterThan(1)
  })
})

describe('deleting', () => {
  it('closes the chain, or leaves it open when asked to', async () => {
    await selectBlock(page, 'avgPool2d_1')
    await page.keyboard.press('Delete')
    expect(await chain()).toContain('conv2d_1→conv2d_2')
    await undo()
    await selectBlock(page, 'avgPool2d_1')
    await page.keyboard.press('Shift+Delete')
    expect((await chain()).filter((one) => /avgPool2d_1|conv2d_1→conv2d_2/.test(one))).toEqual([])
    await undo()
    expect(await chain()).toHaveLength(9)
  })
})

describe('copying', () => {
  it('goes through JSON text, and text of others is refused with a word', async () => {
    await selectBlock(page, 'conv2d_1')
    const text = await page.evaluate(() => {
      const data = new DataTransfer()
      document.dispatchEvent(
        new ClipboardEvent('copy', { clipboardData: data, bubbles: true, cancelable: true }),
      )
      return data.getData('text/plain')
    })
    expect(JSON.parse(text)).toMatchObject({ format: 'interlock-blocks', blocks: [{ id: 'conv2d_1' }] })
    const other = await openApp(browser, server.address, { reducedMotion: 'reduce' })
    const paste = (pasted: string) =>
      other.page.evaluate((value) => {
        const data = new DataTransfer()
        data.setData('text/plain', value)
        document.dispatchEvent(
          new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }),
        )
      }, pasted)
    await paste(text)
    await other.page.getByTestId('block-conv2d_3').waitFor()
    await paste('a shopping list')
    await other.page.getByTestId('notice').filter({ hasText: 'not blocks of Interlock' }).waitFor()
    expect(await other.page.locator('.block').count()).toBe(11)
    expect(other.problems).toEqual([])
    await other.context.close()
  })
})

describe('a group', () => {
  it('hides its chain, shows what goes in and out, and is expanded, renamed, copied and dissolved', async () => {
    const params = await totalOf(page, 'params')
    await blockNode(page, 'conv2d_1').locator('.title').click()
    await blockNode(page, 'avgPool2d_1')
      .locator('.title')
      .click({ modifiers: ['Shift'] })
    await page.keyboard.press('Control+g')
    const group = page.getByTestId('group-group_1')
    await group.waitFor()
    await page.getByTestId('name-field').fill('Features')
    await page.keyboard.press('Enter')
    expect(await group.innerText()).toContain('Features')
    expect(await group.innerText()).toContain('28×28×1')
    expect(await group.innerText()).toContain('14×14×6')
    expect(await group.innerText()).toContain('156')
    expect(await blockCount()).toBe(8)
    expect(await page.locator('.connection').count()).toBe(8)
    expect(await totalOf(page, 'params')).toBe(params)
    await screenshot(page, '15-group-collapsed')

    // An independent copy.
    await page.keyboard.press('Control+d')
    await page.getByTestId('group-group_2').waitFor()
    expect((await saved()).groups.map((one) => one.blocks)).toEqual([
      ['conv2d_1', 'avgPool2d_1'],
      ['conv2d_3', 'avgPool2d_3'],
    ])
    await undo()

    await group.focus()
    await page.keyboard.press('Enter')
    await page.getByTestId('frame-group_1').waitFor()
    expect(await blockCount()).toBe(10)
    await screenshot(page, '16-group-expanded')
    await page.getByTestId('collapse-group_1').click()
    await group.waitFor()
    await page.getByTestId('expand-group').click()
    await page.getByTestId('frame-name-group_1').click()
    await page.keyboard.press('Control+Shift+g')
    expect((await saved()).groups).toEqual([])
  })

  it('moves with its frame', async () => {
    await blockNode(page, 'conv2d_1').locator('.title').click()
    await blockNode(page, 'avgPool2d_1')
      .locator('.title')
      .click({ modifiers: ['Shift'] })
    await page.keyboard.press('Control+g')
    await page.keyboard.press('Escape')
    await page.getByTestId('expand-group').click()
    const before = await saved()
    const name = await at('[data-testid="frame-name-group_1"]')
    await dragTo(name, [name[0] + 40, name[1] + 60])
    const after = await saved()
    const shift = (id: string) => {
      const place = (graph: Graph) => graph.blocks.find((block) => block.id === id)!.position!
      return place(after)[1] - place(before)[1]
    }
    expect(shift('conv2d_1')).toBeGreaterThan(20)
    expect(shift('avgPool2d_1')).toBe(shift('conv2d_1'))
    expect(shift('dense_1')).toBe(0)
  })
})

describe('a comment', () => {
  it('is added, written, changed and deleted', async () => {
    await page.keyboard.press('Alt+c')
    await page.getByTestId('name-field').fill('Two convolutions see edges first.')
    await page.keyboard.press('Control+Enter')
    const note = page.getByTestId('note-note_1')
    expect(await note.innerText()).toBe('Two convolutions see edges first.')
    await note.focus()
    await page.keyboard.press('Enter')
    await page.getByTestId('name-field').fill('Shorter.')
    await page.keyboard.press('Control+Enter')
    expect((await saved()).notes).toMatchObject([{ text: 'Shorter.' }])
    await note.dblclick()
    await page.getByTestId('name-field').waitFor()
    await page.keyboard.press('Escape')
    await note.focus()
    await page.keyboard.press('Delete')
    expect((await saved()).notes).toEqual([])
    await undo()
    expect(await note.innerText()).toBe('Shorter.')
  })
})

describe('finding', () => {
  it('goes to a block of the canvas', async () => {
    await page.keyboard.press('Control+f')
    await page.getByTestId('find-block').waitFor()
    await page.keyboard.type('dense_2')
    await page.keyboard.press('Enter')
    await page.getByTestId('inspector-dense_2').waitFor()
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-testid'))).toBe(
      'block-dense_2',
    )
  })

  it('lists every shortcut', async () => {
    await page.keyboard.press('F1')
    const help = page.getByTestId('shortcut-help')
    await help.waitFor()
    expect(await help.innerText()).toContain('Move earlier in the chain')
    await page.keyboard.press('Escape')
    await chooseInMenu(page, 'view.help')
    await help.waitFor()
    await screenshot(page, '17-shortcuts')
    await page.keyboard.press('Escape')
    expect(await fitStatus(page)).toContain('Interlocks')
  })
})
