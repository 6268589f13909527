/** Connections to and from collapsed groups, previews of added blocks, and a view that stays whole. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Graph } from '#shared/graph/types'
import { startServer, type AppServer } from './appServer'
import { launchBrowser, openApp, screenshot } from './browser'
import { blockNode, centre, drag, selectBlock, setNumber } from './designer'
import { openWith, savedGraph } from './graphOnScreen'

let server: AppServer
let browser: Browser

beforeAll(async () => {
  server = await startServer()
  browser = await launchBrowser()
})
afterAll(async () => {
  await browser?.close()
  await server?.stop()
})

const loose: Graph = {
  blocks: [
    { id: 'in', type: 'input', params: { height: 16, width: 16, channels: 3 }, position: [0, 0] },
    { id: 'a', type: 'conv2d', params: {}, position: [260, 0] },
    { id: 'b', type: 'maxPool2d', params: {}, position: [520, 0] },
    { id: 'flat', type: 'flatten', params: {}, position: [760, 0] },
    { id: 'c1', type: 'conv2d', params: {}, position: [260, 260] },
    { id: 'c2', type: 'conv2d', params: {}, position: [520, 260] },
  ],
  connections: [{ from: 'a', to: 'b' }],
  groups: [
    { id: 'group_1', name: 'One way', blocks: ['a', 'b'], collapsed: true },
    { id: 'group_2', name: 'Two ways', blocks: ['c1', 'c2'], collapsed: true },
  ],
  notes: [],
}

it('a connection is drawn to and from a collapsed group, which says why where it is not clear which block is meant', async () => {
  const { page, context, problems } = await openWith(browser, server.address, loose, {
    reducedMotion: 'reduce',
  })
  const group = page.getByTestId('group-group_1')
  const out = centre(blockNode(page, 'in').locator('.source'))
  const other = page.getByTestId('group-group_2')
  await page.mouse.move(...(await out))
  await page.mouse.down()
  await page.mouse.move(...(await centre(other)), { steps: 6 })
  await expect.poll(() => group.getAttribute('data-target')).toBe('fits')
  expect(await other.getAttribute('data-target')).toBe('no')
  expect(await other.locator('.reason').innerText()).toContain('c1, c2')
  await screenshot(page, '50-group-targets')
  await page.mouse.move(...(await centre(group.locator('.target'))), { steps: 6 })
  await page.mouse.up()
  await expect.poll(async () => (await savedGraph(page)).connections).toContainEqual({ from: 'in', to: 'a' })

  await drag(
    page,
    await centre(group.locator('.source')),
    await centre(blockNode(page, 'flat').locator('.target')),
  )
  await expect
    .poll(async () => (await savedGraph(page)).connections)
    .toContainEqual({ from: 'b', to: 'flat' })
  // Begun where no end is clear, it says so.
  await page.mouse.move(...(await centre(other.locator('.source'))))
  await page.mouse.down()
  await page.mouse.up()
  await page.getByTestId('notice').filter({ hasText: 'c1, c2' }).waitFor()
  expect(problems).toEqual([])
  await context.close()
})

it('a repair that adds a block shows it with its size beforehand', async () => {
  const graph: Graph = {
    blocks: [
      { id: 'in', type: 'input', params: { height: 8, width: 8, channels: 3 }, position: [0, 0] },
      { id: 'flat', type: 'flatten', params: {}, position: [260, 0] },
      { id: 'd', type: 'dense', params: { units: 10 }, position: [520, 0] },
    ],
    connections: [
      { from: 'in', to: 'flat' },
      { from: 'flat', to: 'd' },
    ],
    groups: [],
    notes: [],
  }
  const { page, context, problems } = await openWith(browser, server.address, graph, {
    reducedMotion: 'reduce',
  })
  await page.getByTestId('fit-status').click()
  const repair = page.getByRole('button', { name: 'Add an output block after d' })
  await repair.hover()
  await expect
    .poll(async () => (await page.getByTestId('preview-added').textContent())?.trim())
    .toBe('→ + Output 10')
  await screenshot(page, '51-preview-added')
  // The same with the keyboard.
  await page.mouse.move(5, 5)
  await page.getByTestId('preview-added').waitFor({ state: 'detached' })
  await page.getByTestId('fit-status').focus()
  await repair.focus()
  await page.getByTestId('preview-added').waitFor()
  expect(problems).toEqual([])
  await context.close()
})

it('a network shown whole stays so when panels take room, until the view is moved', async () => {
  const { page, context, problems } = await openApp(browser, server.address, { reducedMotion: 'reduce' })
  const clear = async () => {
    const controls = (await page.locator('.canvas .controls').boundingBox())!
    const last = (await blockNode(page, 'dense_3').boundingBox())!
    return last.y + last.height <= controls.y
  }
  await page.getByTestId('examples').locator('img').first().waitFor()
  expect(await clear()).toBe(true)
  await page.setViewportSize({ width: 1280, height: 800 })
  await expect.poll(clear).toBe(true)
  await page.keyboard.press('Alt+3')
  const zoom = async () => (await blockNode(page, 'input').boundingBox())!.width
  const large = await zoom()
  await page.keyboard.press('Alt+3')
  await expect.poll(clear).toBe(true)
  expect(await zoom()).toBeLessThan(large)
  // Zoomed by hand, it stays as it is.
  await page.getByTestId('zoomIn').click()
  const chosen = await zoom()
  await page.keyboard.press('Alt+3')
  await page.keyboard.press('Alt+3')
  expect(await zoom()).toBeCloseTo(chosen, 0)
  expect(problems).toEqual([])
  await context.close()
})

it('the memory stays in the top bar while it is worked out anew, and where nothing fits it is unknown', async () => {
  const { page, context, problems } = await openApp(browser, server.address, { reducedMotion: 'reduce' })
  const memory = page.getByTestId('total-memory')
  await expect.poll(() => memory.innerText(), { timeout: 15_000 }).toMatch(/\d/)
  // Every state it passes through.
  await page.evaluate(() => {
    const seen: string[] = []
    const look = () =>
      seen.push(document.querySelector('[data-testid="total-memory"]')?.textContent?.trim() ?? 'gone')
    new MutationObserver(look).observe(document.querySelector('.top-bar')!, {
      childList: true,
      subtree: true,
      characterData: true,
      attributes: true,
    })
    Object.assign(window, { seen })
  })
  const before = await memory.innerText()
  await selectBlock(page, 'conv2d_1')
  await setNumber(page, 'filters', 32)
  await expect.poll(() => memory.innerText()).not.toBe(before)
  expect(await page.evaluate(() => (window as unknown as { seen: string[] }).seen)).not.toContain('–')
  await expect.poll(() => memory.getAttribute('class')).not.toBe('old')
  await selectBlock(page, 'conv2d_2')
  await setNumber(page, 'kernelSize', 40)
  await expect.poll(() => memory.innerText()).toBe('–')
  expect(problems).toEqual([])
  await context.close()
})
