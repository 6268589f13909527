/** Every template as somebody new meets it: opened, read, trained; and built from nothing, with the keyboard and with the mouse. */
import { execFile } from 'node:child_process'
import { cp, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inferShapes } from '#shared/graph/inferShapes'
import { templates } from '#shared/templates/index'
import { programFile, startServer, type AppServer } from './appServer'
import { launchBrowser, openApp, screenshot, type AppPage } from './browser'
import { buildByKeyboard, buildByMouse } from './buildGraph'
import { chooseInMenu, fitStatus, newProject, setEpochs } from './designer'

let server: AppServer
let browser: Browser
let app: AppPage

/** Some of the bundled digits as image files, so that the larger templates train in seconds. */
async function writeDigits(home: string, perClass: number): Promise<string> {
  const all = join(home, 'all')
  await promisify(execFile)(process.execPath, [
    programFile,
    'sample',
    'digits',
    '--split',
    'held-out',
    '--out',
    all,
  ])
  const some = join(home, 'digits')
  for (const digit of (await readdir(all)).filter((name) => /^\d$/.test(name))) {
    await mkdir(join(some, digit), { recursive: true })
    const files = (await readdir(join(all, digit))).sort().slice(0, perClass)
    for (const file of files) await cp(join(all, digit, file), join(some, digit, file))
  }
  return some
}

beforeAll(async () => {
  server = await startServer()
  browser = await launchBrowser()
  app = await openApp(browser, server.address, { reducedMotion: 'reduce' })
})
afterAll(async () => {
  await browser?.close()
  await server?.stop()
})

async function chooseFolder(page: Page, folder: string): Promise<void> {
  await page.getByTestId('dock-tab-data').click()
  await page.getByTestId('choose-folder').click()
  await page.getByTestId('path-input').fill(folder)
  await page.getByTestId('path-go').click()
  await expect.poll(() => page.getByTestId('path-entries').innerText()).toContain('9')
  await page.getByTestId('path-choose').click()
  await expect.poll(() => page.getByTestId('data-summary').innerText()).toContain('10 classes')
}

async function chooseDigits(page: Page): Promise<void> {
  await page.getByTestId('dock-tab-data').click()
  await page.getByTestId('choose-digits').click()
  await expect.poll(() => page.getByTestId('data-summary').innerText()).toContain('10,000 images')
}

const digits = { input: [28, 28, 1], classes: 10 } as const
const made = templates.map((template) => ({ ...template, graph: template.build(digits).graph }))
const chance = Math.log(10)

describe('a template', () => {
  let some = ''
  beforeAll(async () => {
    some = await writeDigits(server.home, 60)
  })

  it.each(made)(
    '$name opens, says what it is, fits, and learns',
    async ({ name, title, description, graph, build }) => {
      const { page } = app
      // What takes a second on all digits is trained on all of them, the rest on a few, which are image files in colour.
      const large = (inferShapes(graph).totals.macs ?? 0) > 1e6
      if (large) await chooseFolder(page, some)
      else await chooseDigits(page)
      const { params } = inferShapes(build({ ...digits, input: [28, 28, large ? 3 : 1] }).graph).totals
      await chooseInMenu(page, 'project.new')
      const text = await page.getByTestId(`new-${name}`).innerText()
      expect(text).toContain(title)
      expect(description.split('\n')).toHaveLength(2)
      for (const line of description.split('\n')) expect(text).toContain(line)
      await page.keyboard.press('Escape')
      await newProject(page, name)
      await expect.poll(() => fitStatus(page)).toBe('Interlocks')
      expect(await page.getByTestId('no-issues').count()).toBe(1)
      const overview = await page.getByTestId('overview').innerText()
      expect(overview).toContain(`${graph.blocks.length} blocks`)
      expect(overview).toContain(params!.toLocaleString('en'))
      await screenshot(page, `templates/${name}-opened`)

      await setEpochs(page, 2)
      await page.getByTestId('train-button').click()
      const run = page.getByTestId('run-progress').filter({ hasText: title })
      await run.waitFor({ timeout: 30_000 })
      await page.getByTestId('train-button').waitFor({ timeout: 180_000 })
      expect(await run.getAttribute('data-phase')).toBe('completed')
      const curve = page.getByTestId('chart-loss').getByRole('img').first()
      const spoken = (await curve.getAttribute('aria-label')) ?? ''
      const loss = /after epoch 2: training [\d.]+, validation ([\d.]+)/.exec(spoken)?.[1]
      expect(Number(loss)).toBeLessThan(0.8 * chance)
      await screenshot(page, `templates/${name}-trained`)
    },
  )
})

/** The whole network in words and numbers, as the overview has them. */
async function expectSame(page: Page, graph: (typeof made)[number]['graph']): Promise<void> {
  const { params, macs } = inferShapes(graph).totals
  await expect.poll(() => fitStatus(page)).toBe('Interlocks')
  await page.getByTestId('fit-status').click()
  const overview = await page.getByTestId('overview').innerText()
  expect(overview).toContain(`${graph.blocks.length} blocks`)
  expect(overview).toContain(params!.toLocaleString('en'))
  expect(overview).toContain(macs!.toLocaleString('en'))
  expect(await page.locator('.connection').count()).toBe(graph.connections.length)
}

describe.each([
  ['keyboard', buildByKeyboard],
  ['mouse', buildByMouse],
] as const)('from nothing, with the %s alone', (how, build) => {
  it.each(made)('$name', async ({ name, graph }) => {
    const { page } = app
    await newProject(page, 'empty')
    await page.getByTestId('empty-canvas').waitFor()
    const began = performance.now()
    await build(page, graph)
    await screenshot(page, `templates/${name}-by-${how}`)
    await expectSame(page, graph)
    await page.getByTestId('fit').click()
    await screenshot(page, `templates/${name}-by-${how}-fitted`)
    console.log(`${name} by ${how}: ${((performance.now() - began) / 1000).toFixed(1)} s`)
    expect(app.problems).toEqual([])
  })
})
