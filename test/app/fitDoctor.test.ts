/** The fit, seen and mended: formulas, the drag that says why not, stripes, the list of problems with its previews. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Graph } from '#shared/graph/types'
import { startServer, type AppServer } from './appServer'
import { violations } from './axe'
import { launchBrowser, openApp, screenshot, type PageOptions } from './browser'
import { blockNode, fitStatus, selectBlock, setNumber, totalOf } from './designer'
import { focusedTestId, openWith as openGraph } from './graphOnScreen'

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

/** A fork whose branches differ in size and channels, and a pool that does not reach the last row and column. */
const fork: Graph = {
  blocks: [
    { id: 'in', type: 'input', params: { height: 17, width: 17, channels: 3 }, position: [0, 120] },
    { id: 'a', type: 'conv2d', params: { filters: 8, kernelSize: 5 }, position: [260, 0] },
    { id: 'b', type: 'conv2d', params: { filters: 8, kernelSize: 1 }, position: [260, 240] },
    { id: 'sum', type: 'add', params: {}, position: [560, 120] },
    { id: 'pool', type: 'maxPool2d', params: {}, position: [820, 120] },
    { id: 'flat', type: 'flatten', params: {}, position: [1060, 120] },
    { id: 'd', type: 'dense', params: { units: 10 }, position: [1300, 120] },
    { id: 'out', type: 'output', params: {}, position: [1540, 120] },
  ],
  connections: [
    { from: 'in', to: 'a' },
    { from: 'in', to: 'b' },
    { from: 'a', to: 'sum', input: 0 },
    { from: 'b', to: 'sum', input: 1 },
    { from: 'sum', to: 'pool' },
    { from: 'pool', to: 'flat' },
    { from: 'flat', to: 'd' },
    { from: 'd', to: 'out' },
  ],
  groups: [],
  notes: [],
}

const openWith = (graph: Graph, options: PageOptions = {}) =>
  openGraph(browser, server.address, graph, options)

async function tabTo(page: Page, testId: string | RegExp): Promise<void> {
  for (let press = 0; press < 60; press++) {
    const now = await focusedTestId(page)
    if (now !== null && (typeof testId === 'string' ? now === testId : testId.test(now))) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`${String(testId)} cannot be reached`)
}

it('writes every formula out with its numbers', async () => {
  const { page, context, problems } = await openApp(browser, server.address)
  await selectBlock(page, 'conv2d_2')
  const inspector = page.locator('#inspector')
  const text = (await inspector.innerText()).replaceAll('\n', ' ')
  expect(text).toContain('(14 + 0+0 − 5) / 1 + 1 = 10')
  expect(text).toContain('5·5·6·16 + 16 = 2,416')
  expect(text).toContain('10·10 · 5·5·6·16 = 240,000')
  expect(text).toContain('6 + (5 − 1) · 2 = 14')
  await setNumber(page, 'dilation', 2)
  await expect.poll(() => inspector.innerText()).toContain('2 · (5 − 1) + 1 = 9')
  expect(await inspector.innerText()).toContain('6 + (9 − 1) · 2 = 22')
  await screenshot(page, '20-formulas')
  expect(problems).toEqual([])
  await context.close()
})

it('a misfit, its list by keyboard, previews on the canvas, and one step to undo', async () => {
  const { page, context, problems } = await openApp(browser, server.address)
  await page.getByTestId('examples').locator('img').first().waitFor()
  await selectBlock(page, 'conv2d_2')
  await setNumber(page, 'kernelSize', 15)
  await expect.poll(() => page.getByTestId('misfit').innerText()).toContain('(14 + 0+0 − 15) / 1 + 1 = 0')
  const before = await totalOf(page, 'params')

  await blockNode(page, 'conv2d_2').focus()
  await page.keyboard.press('F8')
  await page.getByTestId('overview').waitFor()
  await tabTo(page, 'repair-KERNEL_EXCEEDS_INPUT-0')
  const preview = page.getByTestId('preview-conv2d_2')
  await expect.poll(() => preview.innerText()).toMatch(/\? → \d+×\d+×16/)
  const consequence = page.getByTestId('consequence').first()
  expect(await consequence.innerText()).toMatch(/\? → \d+×\d+×16 .*parameters.*(fits|left)/)
  await screenshot(page, '21-preview-keyboard')
  // Leaving it puts the canvas back.
  await page.keyboard.press('Shift+Tab')
  await preview.waitFor({ state: 'detached' })
  expect(await totalOf(page, 'params')).toBe(before)

  await tabTo(page, 'repair-KERNEL_EXCEEDS_INPUT-0')
  await page.keyboard.press('Enter')
  await expect.poll(() => fitStatus(page)).toContain('Interlocks')
  // The keyboard is not lost with the button.
  await expect.poll(() => focusedTestId(page)).toMatch(/fit-status|issue|repair/)
  await page.keyboard.press('Control+z')
  await expect.poll(() => fitStatus(page)).toMatch(/problem/)
  expect(problems).toEqual([])
  await context.close()
})

describe.each(['light', 'dark'] as const)('a fork that does not join, in %s', (colorScheme) => {
  it('is cropped, padded or convolved, and shows it beforehand', async () => {
    const { page, context, problems } = await openWith(fork, { colorScheme, reducedMotion: 'reduce' })
    await page.getByTestId('fit-status').click()
    const card = page.getByTestId('issue-MERGE_SHAPES_DIFFER')
    const labels = await card.locator('.repair').allInnerTexts()
    expect(labels).toEqual(
      expect.arrayContaining([
        'Set padding of a, b to same',
        'Insert zero padding after a',
        'Insert cropping after b',
      ]),
    )
    const crop = card.getByRole('button', { name: 'Insert cropping after b' })
    await crop.hover()
    const added = page.getByTestId('preview-added')
    await expect.poll(async () => (await added.textContent())?.trim()).toBe('+ Crop 13×13×8')
    expect(await page.getByTestId('preview-sum').innerText()).toBe('? → 13×13×8')
    await screenshot(page, `22-preview-${colorScheme}`)
    expect(await violations(page)).toEqual([])
    await page.mouse.move(5, 5)
    await added.waitFor({ state: 'detached' })

    await crop.click()
    await blockNode(page, 'crop2d_1').waitFor()
    expect(await page.getByTestId('shape-sum').innerText()).toBe('13×13×8')
    // 13 rows pooled by 2: the last row and column of the sum are never read.
    await expect.poll(() => fitStatus(page)).toContain('Interlocks')
    expect(await blockNode(page, 'sum').locator('pattern').count()).toBe(1)
    expect(await blockNode(page, 'a').locator('pattern').count()).toBe(0)
    await selectBlock(page, 'crop2d_1')
    expect(await page.locator('#inspector').innerText()).toContain('17 − (2+2) = 13')
    await screenshot(page, `23-cropped-${colorScheme}`)
    expect(await violations(page)).toEqual([])
    await blockNode(page, 'crop2d_1').focus()
    await page.keyboard.press('Control+z')
    await expect.poll(() => fitStatus(page)).toMatch(/problem/)
    expect(await page.locator('.block').count()).toBe(fork.blocks.length)

    // Other channels: a 1×1 convolution brings them to the same number.
    await selectBlock(page, 'b')
    await setNumber(page, 'filters', 4)
    await selectBlock(page, 'sum')
    await expect.poll(() => card.innerText()).toContain('1×1 convolution')
    expect(problems).toEqual([])
    await context.close()
  })
})

it('while a connection is dragged, blocks say whether they would take it and why not', async () => {
  const { page, context, problems } = await openWith(fork)
  const handle = await blockNode(page, 'a').locator('.vue-flow__handle.source').boundingBox()
  const onto = await blockNode(page, 'pool').boundingBox()
  if (!handle || !onto) throw new Error('not visible')
  await page.mouse.move(handle.x + handle.width / 2, handle.y + handle.height / 2)
  await page.mouse.down()
  await page.mouse.move(onto.x - 40, onto.y + onto.height / 2, { steps: 8 })
  const state = (id: string) => blockNode(page, id).getAttribute('data-target')
  await expect.poll(() => state('pool')).toBe('fits')
  expect(await state('flat')).toBe('fits')
  expect(await state('d')).toBe('no')
  expect(await blockNode(page, 'd').locator('.reason').innerText()).toContain('Dense needs a vector')
  expect(await blockNode(page, 'in').locator('.reason').innerText()).toContain('Nothing goes into an input')
  expect(await state('out')).toBe('no')
  await screenshot(page, '24-dragging')
  await page.mouse.move(onto.x - 40, onto.y - 90)
  await page.mouse.up()
  // Let go on the empty canvas, it asks which block to add.
  await page.keyboard.press('Escape')
  await expect.poll(() => state('d')).toBe('idle')

  // The same without a mouse: the list of sources says which do not fit, and why.
  await selectBlock(page, 'sum')
  await page.getByTestId('connect-from').click()
  const options = await page.locator('[data-testid^="source-"]').allInnerTexts()
  expect(options.some((text) => /does not fit: .*arrive/s.test(text))).toBe(true)
  await page.keyboard.press('Escape')
  expect(problems).toEqual([])
  await context.close()
})
