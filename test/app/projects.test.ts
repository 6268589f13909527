/** Projects as files: recent ones, unsaved changes, recovery, two windows, files dropped on the window, copies, errors by hand. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { writeModel } from '#shared/export/json'
import { inferShapes } from '#shared/graph/inferShapes'
import { newProject } from '#shared/project/newProject'
import { serialiseProject } from '#shared/project/serialiseProject'
import { templateByName } from '#shared/templates/index'
import { startServer, type AppServer } from './appServer'
import { violations } from './axe'
import { launchBrowser, launchKillable, openApp, screenshot } from './browser'
import { blockNode, chooseInMenu, selectBlock, setNumber } from './designer'

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

function writeProject(file: string, name: string, source: string | null = 'sample:digits'): void {
  const project = templateByName('lenet').build({ input: [28, 28, 1], classes: 10 })
  writeFileSync(file, serialiseProject({ ...project, name, data: { ...project.data, source } }))
}

const filesIn = (folder: string) =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.json'))
        .map((name) => join(folder, name))
    : []

/** A model file of LeNet; its weights are not there, and are not asked for. */
function modelText(): string {
  const { graph, training } = templateByName('lenet').build({ input: [28, 28, 1], classes: 10 })
  const parts = {
    name: 'Trained LeNet',
    graph,
    fits: inferShapes(graph).blocks,
    classes: [...'0123456789'],
    preprocessing: {
      resize: 'pad' as const,
      filter: 'bilinear-antialias',
      bands: ['grey'],
      mean: [0.13],
      std: [0.31],
    },
    training: {
      settings: { ...training, epochs: 77 },
      split: null,
      images: { training: 8000, validation: 2000 },
      epoch: 1,
      bestEpoch: 1,
      loss: 1,
      accuracy: 0.5,
      valLoss: 1,
      valAccuracy: 0.5,
      executor: 'CPU',
      startedAt: '2026-11-23T00:00:00.000Z',
      versions: { interlock: '0.0.0' },
    },
  }
  const tensors = [{ name: 'c/kernel', shape: [1], dtype: 'float32' as const, byteOffset: 0 }]
  const weights = { file: 'w.bin', byteLength: 4, sha256: '0'.repeat(64), tensors }
  return JSON.stringify(writeModel(parts, weights))
}

const nameOf = (page: Page) => page.getByTestId('project-name').inputValue()
const shown = (page: Page, name: string) => expect.poll(() => nameOf(page)).toBe(name)
const noticed = (page: Page, text: string | RegExp) =>
  page.getByTestId('notice').filter({ hasText: text }).waitFor()

/** Renames the project as a person does. */
async function rename(page: Page, name: string): Promise<void> {
  await page.getByTestId('project-name').fill(name)
  await page.keyboard.press('Enter')
}

/** Opens a file of the test's folder through the window's own dialog. */
async function openThroughDialog(page: Page, folder: string, file: string): Promise<void> {
  await chooseInMenu(page, 'project.open')
  await page.getByTestId('path-input').fill(folder)
  await page.getByTestId('path-go').click()
  await page.getByTestId('path-entries').getByText(file, { exact: true }).click()
  await page.getByTestId('path-choose').click()
}

async function saveThroughDialog(page: Page, command: string, folder: string, file: string): Promise<void> {
  await chooseInMenu(page, command)
  await chooseFile(page, folder, file)
}

async function chooseFile(page: Page, folder: string, file: string): Promise<void> {
  await page.getByTestId('path-input').fill(folder)
  await page.getByTestId('path-go').click()
  await expect.poll(() => page.getByTestId('path-input').inputValue()).toBe(folder)
  await page.getByTestId('path-file-name').fill(file)
  await page.getByTestId('path-choose').click()
}

/** What the system does when files are dragged onto the window and let go. */
async function dropFiles(page: Page, files: readonly { name: string; text: string }[]): Promise<void> {
  const transfer = await page.evaluateHandle((list) => {
    const data = new DataTransfer()
    for (const { name, text } of list) data.items.add(new File([text], name))
    return data
  }, files)
  await page.dispatchEvent('body', 'dragover', { dataTransfer: transfer })
  await page.getByTestId('drop-hint').waitFor()
  await screenshot(page, 'projects-drop')
  await page.dispatchEvent('body', 'drop', { dataTransfer: transfer })
  await page.getByTestId('drop-hint').waitFor({ state: 'detached' })
}

it('saves, shows unsaved changes, and asks before they are replaced or the window is closed', async () => {
  const folder = join(server.home, 'saving')
  mkdirSync(folder)
  const { page, context, problems } = await openApp(browser, server.address)
  expect(await page.getByTestId('unsaved').count()).toBe(0)
  await rename(page, 'Mine')
  await page.getByTestId('unsaved').waitFor()
  expect(await page.title()).toMatch(/^• Mine/)

  // Replaced: asked, and nothing happens when the answer is no.
  await chooseInMenu(page, 'project.new')
  await page.getByTestId('new-mlp').click()
  await page.getByTestId('confirm').waitFor()
  await page.keyboard.press('Escape')
  await page.getByTestId('confirm').waitFor({ state: 'detached' })
  await page.keyboard.press('Escape')
  await shown(page, 'Mine')

  // Closed: the browser asks.
  const asked = page.waitForEvent('dialog')
  await page.close({ runBeforeUnload: true })
  const dialog = await asked
  expect(dialog.type()).toBe('beforeunload')
  await dialog.dismiss()

  await saveThroughDialog(page, 'project.saveAs', folder, 'mine')
  await noticed(page, 'Saved to')
  expect(await page.getByTestId('unsaved').count()).toBe(0)
  expect(readFileSync(join(folder, 'mine.interlock.json'), 'utf8')).toContain('"Mine"')

  // Another project onto the same file: asked.
  await chooseInMenu(page, 'project.new')
  await page.getByTestId('new-empty').click()
  await rename(page, 'Another')
  await saveThroughDialog(page, 'project.saveAs', folder, 'mine.interlock.json')
  await page.getByTestId('confirm').getByText('Replace the file?').waitFor()
  await page.keyboard.press('Escape')
  await page.getByTestId('confirm').waitFor({ state: 'detached' })
  expect(readFileSync(join(folder, 'mine.interlock.json'), 'utf8')).toContain('"Mine"')

  // Saved on the way to the next project; where no file is chosen, nothing is left.
  await chooseInMenu(page, 'project.new')
  await page.getByTestId('new-mlp').click()
  await screenshot(page, 'projects-leave-unsaved')
  await page.getByTestId('confirm-safe').click()
  await page.getByTestId('path-picker').waitFor()
  await screenshot(page, 'projects-save-on-the-way')
  await page.keyboard.press('Escape')
  await page.getByTestId('path-picker').waitFor({ state: 'detached' })
  await shown(page, 'Another')
  await page.getByTestId('new-mlp').click()
  await page.getByTestId('confirm-safe').click()
  await chooseFile(page, folder, 'another')
  await shown(page, 'Dense layers only')
  expect(readFileSync(join(folder, 'another.interlock.json'), 'utf8')).toContain('"Another"')
  expect(problems).toEqual([])
  await context.close()
})

it('two windows of one project do not overwrite each other silently', async () => {
  const folder = join(server.home, 'two')
  mkdirSync(folder)
  const file = join(folder, 'shared.interlock.json')
  writeProject(file, 'Shared')
  const one = await openApp(browser, server.address)
  const two = await openApp(browser, server.address)
  for (const { page } of [one, two]) {
    await openThroughDialog(page, folder, 'shared.interlock.json')
    await shown(page, 'Shared')
  }
  await rename(one.page, 'Of one')
  await one.page.keyboard.press('Control+s')
  await noticed(one.page, 'Saved to')
  await rename(two.page, 'Of two')
  // What was opened is remembered through a reload.
  await two.page.reload()
  await shown(two.page, 'Of two')
  await two.page.getByTestId('executor').filter({ hasText: /\w/ }).waitFor()
  await two.page.keyboard.press('Control+s')
  await two.page.getByTestId('confirm').getByText('changed since').waitFor()
  await screenshot(two.page, 'projects-changed-on-disk')
  await two.page.keyboard.press('Escape')
  expect(readFileSync(file, 'utf8')).toContain('"Of one"')
  await two.page.getByTestId('confirm').waitFor({ state: 'detached' })
  await two.page.keyboard.press('Control+s')
  await two.page.getByTestId('confirm-yes').click()
  await noticed(two.page, 'Saved to')
  expect(readFileSync(file, 'utf8')).toContain('"Of two"')
  for (const { context, problems } of [one, two]) {
    expect(problems.filter((problem) => !problem.includes('ERR_ABORTED'))).toEqual([])
    await context.close()
  }
})

it('recent projects: from the menu by keyboard, from the palette, missing ones shown and removed', async () => {
  const folder = join(server.home, 'recent')
  mkdirSync(folder)
  const { page, context, problems } = await openApp(browser, server.address)
  for (const name of ['First', 'Second']) {
    const file = `${name.toLowerCase()}.interlock.json`
    writeProject(join(folder, file), name)
    await openThroughDialog(page, folder, file)
    await shown(page, name)
  }

  await page.keyboard.press('Control+k')
  await page.keyboard.type('recent first')
  await page.getByTestId('command-palette').getByText('Open recent: First').waitFor()
  await page.keyboard.press('Enter')
  await shown(page, 'First')

  // First is the newest now, and has the focus; the one below is Second.
  await chooseInMenu(page, 'project.recent')
  const entries = page.getByTestId('recent').locator('li')
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent ?? '')).toMatch(/^First/)
  await page.keyboard.press('Tab')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await shown(page, 'Second')

  rmSync(join(folder, 'first.interlock.json'))
  await chooseInMenu(page, 'project.new')
  const missing = entries.filter({ hasText: 'First' })
  await missing.getByText('Missing').waitFor()
  await screenshot(page, 'projects-recent-light')
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' })
  await screenshot(page, 'projects-recent-dark')
  expect(await violations(page)).toEqual([])
  await missing.getByRole('button', { name: 'Remove' }).click()
  await missing.waitFor({ state: 'detached' })
  expect(await entries.filter({ hasText: 'Second' }).count()).toBe(1)
  expect(problems).toEqual([])
  await context.close()
})

it('a project or a model dropped on the window opens, anything else is refused in words', async () => {
  const { page, context, problems } = await openApp(browser, server.address)
  const project = newProject({ name: 'Dropped', data: { source: 'pictures' } })
  await dropFiles(page, [{ name: 'dropped.interlock.json', text: serialiseProject(project) }])
  await shown(page, 'Dropped')
  await noticed(page, /does not tell where.*“pictures”/)

  await dropFiles(page, [{ name: 'notes.txt', text: 'x' }])
  await noticed(page, 'notes.txt is neither a project nor an image')
  await dropFiles(page, [
    { name: 'a.json', text: '{}' },
    { name: 'b.json', text: '{}' },
  ])
  await noticed(page, '2 files were dropped')
  await dropFiles(page, [{ name: 'broken.json', text: '{ "format": ' }])
  await noticed(page, /broken\.json is not valid JSON: line 1/)
  await shown(page, 'Dropped')

  // Unsaved changes are asked about here too.
  await rename(page, 'Edited')
  await dropFiles(page, [{ name: 'model.json', text: modelText() }])
  await page.getByTestId('confirm-yes').click()
  await noticed(page, 'The network of the model was opened')
  await shown(page, 'Trained LeNet')
  expect(await page.locator('.block').count()).toBe(10)
  expect(problems).toEqual([])
  await context.close()
})

it('a copy to share leaves out a folder of this machine and says so', async () => {
  const folder = join(server.home, 'sharing')
  const images = mkdtempSync(join(tmpdir(), 'interlock-far-'))
  mkdirSync(folder)
  writeProject(join(folder, 'near.interlock.json'), 'Near', images)
  const { page, context } = await openApp(browser, server.address)
  await openThroughDialog(page, folder, 'near.interlock.json')
  await shown(page, 'Near')
  await saveThroughDialog(page, 'project.share', folder, 'copy')
  await noticed(page, `${images}, is on this machine only and was left out`)
  const copy = readFileSync(join(folder, 'copy.interlock.json'), 'utf8')
  expect(copy).not.toContain('interlock-far-')
  expect(copy).toContain('"position"')
  expect(readFileSync(join(folder, 'near.interlock.json'), 'utf8')).toContain('interlock-far-')
  await context.close()
  rmSync(images, { recursive: true })
})

it('a project edited by hand with errors shows them at the blocks, and is written only when they are mended', async () => {
  const folder = join(server.home, 'by-hand')
  mkdirSync(folder)
  const file = join(folder, 'hand.interlock.json')
  writeProject(file, 'By hand')
  const sound = JSON.parse(readFileSync(file, 'utf8')) as {
    graph: { blocks: { id: string; type: string; params: Record<string, unknown> }[] }
  }
  const conv = sound.graph.blocks.find(({ type }) => type === 'conv2d')
  if (!conv) throw new Error('no convolution')
  conv.params = { ...conv.params, filters: 'many' }
  const text = JSON.stringify({ ...sound, colour: 'red' })
  writeFileSync(file, text)

  const { page, context, problems } = await openApp(browser, server.address)
  await openThroughDialog(page, folder, 'hand.interlock.json')
  await noticed(page, 'The file has 2 problems')
  expect(await page.locator('.block').count()).toBe(sound.graph.blocks.length)
  await expect.poll(() => blockNode(page, conv.id).getAttribute('class')).toMatch(/error/)
  await screenshot(page, 'projects-by-hand')
  expect(await page.getByTestId('train-button').getAttribute('aria-disabled')).toBe('true')
  await page.keyboard.press('Control+s')
  await noticed(page, 'mend them before it is written')
  expect(readFileSync(file, 'utf8')).toBe(text)

  await page.getByText('Leave out the unknown entry').click()
  await selectBlock(page, conv.id)
  await setNumber(page, 'filters', 6)
  await expect.poll(() => page.getByTestId('train-button').getAttribute('aria-disabled')).not.toBe('true')
  await page.keyboard.press('Control+s')
  await noticed(page, 'Saved to')
  expect(readFileSync(file, 'utf8')).not.toContain('many')
  expect(problems).toEqual([])
  await context.close()
})

it('unsaved changes survive kill -9 of the browser and of the server, one project for each window', async () => {
  let killed = await startServer()
  const doomed = await launchKillable()
  for (const name of ['Left one', 'Left two']) {
    const { page } = await openApp(doomed.browser, killed.address)
    await rename(page, name)
    // Written within two seconds of the edit.
    const kept = () =>
      filesIn(join(killed.home, 'unsaved'))
        .map((file) => readFileSync(file, 'utf8'))
        .join()
    await expect.poll(() => kept().includes(name), { timeout: 15_000 }).toBe(true)
  }
  await doomed.kill()
  const { port } = new URL(killed.address)
  await killed.kill()
  killed = await startServer(killed.home)
  try {
    // Another port is another origin: nothing of the browser's storage would be found there.
    expect(new URL(killed.address).port).not.toBe(port)
    const { page, context, problems } = await openApp(browser, killed.address)
    const banner = page.getByTestId('recovery')
    await banner.getByText('Recovered unsaved changes of “Left two”').waitFor()
    await screenshot(page, 'projects-recovered-light')
    await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' })
    await screenshot(page, 'projects-recovered-dark')
    expect(await violations(page)).toEqual([])
    // By keyboard.
    await page.getByTestId('recovery-open').focus()
    await page.keyboard.press('Enter')
    await shown(page, 'Left two')
    await page.getByTestId('unsaved').waitFor()
    await banner.getByText('“Left one”').waitFor()

    // While this window holds the one, another is offered only the other.
    const second = await openApp(browser, killed.address)
    await second.page.getByTestId('recovery').getByText('“Left one”').waitFor()
    expect(await second.page.getByTestId('recovery').textContent()).not.toContain('more')
    await second.page.getByTestId('recovery-discard').click()
    await second.page.getByTestId('confirm-yes').click()
    await second.page.getByTestId('recovery').waitFor({ state: 'detached' })
    await second.context.close()

    // Kept by this window now, also through a reload; once saved, nothing is left.
    await page.reload()
    await shown(page, 'Left two')
    await page.getByTestId('unsaved').waitFor()
    await page.getByTestId('executor').filter({ hasText: /\w/ }).waitFor()
    expect(await banner.count()).toBe(0)
    await saveThroughDialog(page, 'project.saveAs', killed.home, 'left')
    await noticed(page, 'Saved to')
    await expect.poll(() => filesIn(join(killed.home, 'unsaved'))).toEqual([])
    expect(problems.filter((problem) => !problem.includes('ERR_ABORTED'))).toEqual([])
    await context.close()
  } finally {
    await killed.stop()
  }
})

it('unsaved changes made while the connection is lost are kept once it is back', async () => {
  const context = await browser.newContext()
  const page = await context.newPage()
  let reachable = Promise.resolve()
  let cut = async (): Promise<void> => {}
  await page.routeWebSocket(/.*/, async (socket) => {
    await reachable
    const main = socket.connectToServer()
    cut = async () => {
      await main.close()
      await socket.close()
    }
  })
  await page.goto(server.address)
  await page.getByTestId('executor').filter({ hasText: /\w/ }).waitFor()
  let reachAgain = () => {}
  reachable = new Promise((resolve) => (reachAgain = resolve))
  await cut()
  await page.getByTestId('connection-lost').waitFor()
  await rename(page, 'Made offline')
  // Longer than the pause after which it would be written.
  await page.waitForTimeout(1000)
  reachAgain()
  await page.getByTestId('connection-lost').waitFor({ state: 'detached' })
  const kept = () => filesIn(join(server.home, 'unsaved')).map((file) => readFileSync(file, 'utf8'))
  await expect.poll(() => kept().join().includes('Made offline'), { timeout: 15_000 }).toBe(true)
  // And what comes later is, too.
  await rename(page, 'Made later')
  await expect.poll(() => kept().join().includes('Made later'), { timeout: 15_000 }).toBe(true)
  await context.close()
})
