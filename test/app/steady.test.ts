/** Nothing jumps: what is on screen stays where it is while the window opens, blocks are chosen, issues come and go, and a run starts. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startServer, type AppServer } from './appServer'
import { launchBrowser, openApp, type AppPage } from './browser'
import { fitStatus, selectBlock, setEpochs, setNumber } from './designer'

let server: AppServer
let browser: Browser
let app: AppPage

interface Shift {
  value: number
  moved: string[]
}

/** Every layout shift since the last call, also those the browser forgives because somebody just pressed something. */
async function shifts(page: Page): Promise<Shift[]> {
  await page.waitForTimeout(400)
  return page.evaluate(() => (window as unknown as { shifts: Shift[] }).shifts.splice(0))
}

/** The browser's own record (Layout Instability API); it begins with the window. */
function recordShifts(): void {
  const found: Shift[] = []
  ;(window as unknown as { shifts: Shift[] }).shifts = found
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { value, sources } = entry as PerformanceEntry & {
        value: number
        sources: readonly { node: Node | null; previousRect: DOMRect; currentRect: DOMRect }[]
      }
      const moved = sources.map(({ node, previousRect: a, currentRect: b }) => {
        const name =
          node instanceof Element
            ? `${node.tagName.toLowerCase()}.${node.className}`
            : (node?.textContent ?? '')
        return `${name} ${a.x},${a.y} ${a.width}×${a.height} → ${b.x},${b.y} ${b.width}×${b.height}`
      })
      found.push({ value, moved })
    }
  }).observe({ type: 'layout-shift', buffered: true })
}

beforeAll(async () => {
  server = await startServer()
  browser = await launchBrowser()
  app = await openApp(browser, server.address, { onOpen: recordShifts })
})
afterAll(async () => {
  await browser?.close()
  await server?.stop()
})

it('while the window opens', async () => {
  await app.page.getByTestId('examples').locator('img').first().waitFor()
  await expect.poll(() => app.page.getByTestId('total-memory').innerText()).toMatch(/B$/)
  expect(await shifts(app.page)).toEqual([])
})

it('notices what jumps (so that an empty list means something)', async () => {
  await app.page.evaluate(() => {
    const bar = document.querySelector<HTMLElement>('.top-bar')!
    bar.style.marginTop = '40px'
    setTimeout(() => bar.style.removeProperty('margin-top'), 100)
  })
  expect((await shifts(app.page)).length).toBeGreaterThan(0)
})

it('while blocks are chosen', async () => {
  const { page } = app
  for (const id of ['conv2d_1', 'flatten_1', 'dense_1', 'conv2d_2']) await selectBlock(page, id)
  expect(await shifts(page)).toEqual([])
})

it('while issues appear and vanish', async () => {
  const { page } = app
  const field = page.getByTestId('param-kernelSize')
  const before = await field.boundingBox()
  await setNumber(page, 'kernelSize', 15)
  await expect.poll(() => fitStatus(page)).toMatch(/problem/)
  await page.getByTestId('issue-KERNEL_EXCEEDS_INPUT').waitFor()
  expect(await field.boundingBox()).toEqual(before)
  await setNumber(page, 'kernelSize', 5)
  await expect.poll(() => fitStatus(page)).toBe('Interlocks')
  // What follows the settings makes room for the issues; nothing else may move.
  const elsewhere = (await shifts(page))
    .flatMap(({ moved }) => moved)
    .filter((one) => !one.startsWith('section.section'))
  expect(elsewhere).toEqual([])
})

it('while a run starts and ends', async () => {
  const { page } = app
  await setEpochs(page, 1)
  await shifts(page)
  await page.getByTestId('train-button').click()
  await page.locator('[data-testid="run-progress"][data-phase="completed"]').waitFor({ timeout: 120_000 })
  expect(await shifts(page)).toEqual([])
  expect(app.problems).toEqual([])
})
