/** What a person does in the designer, with mouse and keyboard only. */
import { expect } from 'vitest'
import type { Locator, Page } from 'playwright-core'

/** Chooses in the menu of the top bar. */
export async function chooseInMenu(page: Page, commandId: string): Promise<void> {
  await page.getByTestId('menu').click()
  await page.getByTestId(`menu-${commandId}`).click()
}

export async function startEmptyProject(page: Page): Promise<void> {
  await chooseInMenu(page, 'project.new')
  await page.getByTestId('new-empty').click()
  await page.getByTestId('empty-canvas').waitFor()
}

/** A new project from the dialog: a template by its name, or `empty`. What is unsaved is given up. */
export async function newProject(page: Page, choice: string): Promise<void> {
  const unsaved = await page.getByTestId('unsaved').isVisible()
  await chooseInMenu(page, 'project.new')
  await page.getByTestId(`new-${choice}`).click()
  if (unsaved) await page.getByTestId('confirm-yes').click()
  await page.getByTestId('templates').waitFor({ state: 'hidden' })
}

export const blockNode = (page: Page, id: string): Locator => page.getByTestId(`block-${id}`)

export async function centre(locator: Locator): Promise<[number, number]> {
  const box = await locator.boundingBox()
  if (!box) throw new Error(`${String(locator)} is not visible`)
  return [box.x + box.width / 2, box.y + box.height / 2]
}

export async function drag(
  page: Page,
  from: readonly [number, number],
  to: readonly [number, number],
): Promise<void> {
  await page.mouse.move(...from)
  await page.mouse.down()
  // A drag begins with the first few pixels, and targets look at several moves.
  await page.mouse.move(from[0] + 6, from[1] + 6, { steps: 2 })
  await page.mouse.move(...to, { steps: 6 })
  await page.mouse.up()
}

/** Drags a block from the palette; `at` is its centre as a share of the canvas. Answers its id. */
export async function dragBlock(page: Page, type: string, at: readonly [number, number]): Promise<string> {
  const before = await page.locator('.block').count()
  const canvas = await page.getByTestId('canvas').boundingBox()
  if (!canvas) throw new Error('no canvas')
  const entry = page.getByTestId(`palette-${type}`)
  await entry.scrollIntoViewIfNeeded()
  await drag(page, await centre(entry), [canvas.x + at[0] * canvas.width, canvas.y + at[1] * canvas.height])
  await page.locator('.block').nth(before).waitFor()
  const id = await page.locator('.block[aria-current="true"]').getAttribute('data-testid')
  return (id ?? '').replace(/^block-/, '')
}

/** Drags a block on the canvas so that its centre is at `at`, unless it is there already. */
export async function moveBlock(page: Page, id: string, at: readonly [number, number]): Promise<void> {
  const canvas = await page.getByTestId('canvas').boundingBox()
  if (!canvas) throw new Error('no canvas')
  const [x, y] = await centre(blockNode(page, id))
  const target = [canvas.x + at[0] * canvas.width, canvas.y + at[1] * canvas.height] as const
  if (Math.hypot(target[0] - x, target[1] - y) > 24) await drag(page, [x, y], target)
}

/** Draws a connection from the output of one block to the input of another. */
export async function connectBlocks(page: Page, from: string, to: string): Promise<void> {
  const edges = page.locator('.connection')
  const before = await edges.count()
  const source = blockNode(page, from).locator('.vue-flow__handle.source')
  const target = blockNode(page, to).locator('.vue-flow__handle.target')
  await drag(page, await centre(source), await centre(target))
  await expect.poll(() => edges.count(), { message: `connection ${from} → ${to}` }).toBe(before + 1)
}

export async function selectBlock(page: Page, id: string): Promise<void> {
  await blockNode(page, id).locator('.title').click()
  await page.getByTestId(`inspector-${id}`).waitFor()
}

/** Sets a number of the selected block in the inspector; pairs take it for both directions. */
export async function setNumber(page: Page, setting: string, value: number): Promise<void> {
  await page.getByTestId(`param-${setting}`).locator('input').first().fill(String(value))
}

export async function setChoice(page: Page, setting: string, value: string): Promise<void> {
  await page.getByTestId(`param-${setting}`).locator('select').selectOption(value)
}

export const fitStatus = (page: Page): Promise<string> => page.getByTestId('fit-status').innerText()
export const totalOf = (page: Page, which: 'params' | 'macs'): Promise<string> =>
  page.getByTestId(`total-${which}`).innerText()

/** LeNet's blocks in order: type, place on the canvas, settings. 61,706 parameters, 416,520 multiply-adds. */
const lenet: readonly {
  type: string
  at: readonly [number, number]
  numbers?: Readonly<Record<string, number>>
  choices?: Readonly<Record<string, string>>
}[] = [
  { type: 'input', at: [0.12, 0.18] },
  {
    type: 'conv2d',
    at: [0.37, 0.18],
    numbers: { filters: 6, kernelSize: 5 },
    choices: { padding: 'same', activation: 'sigmoid' },
  },
  { type: 'avgPool2d', at: [0.62, 0.18] },
  {
    type: 'conv2d',
    at: [0.87, 0.18],
    numbers: { filters: 16, kernelSize: 5 },
    choices: { activation: 'sigmoid' },
  },
  { type: 'avgPool2d', at: [0.12, 0.5] },
  { type: 'flatten', at: [0.37, 0.5] },
  { type: 'dense', at: [0.62, 0.5], numbers: { units: 120 }, choices: { activation: 'sigmoid' } },
  { type: 'dense', at: [0.87, 0.5], numbers: { units: 84 }, choices: { activation: 'sigmoid' } },
  { type: 'dense', at: [0.37, 0.82], numbers: { units: 10 } },
  { type: 'output', at: [0.62, 0.82] },
]

/** Drags all of LeNet onto an empty canvas, connects it and sets it up. Answers the ids in order. */
export async function buildLeNet(page: Page): Promise<string[]> {
  const ids: string[] = []
  for (const { type, at, numbers, choices } of lenet) {
    const id = await dragBlock(page, type, at)
    for (const [setting, value] of Object.entries(numbers ?? {})) await setNumber(page, setting, value)
    for (const [setting, value] of Object.entries(choices ?? {})) await setChoice(page, setting, value)
    ids.push(id)
    // The view centres on the first block; later ones stay where they were dropped.
    await moveBlock(page, id, at)
  }
  for (const [index, id] of ids.slice(1).entries()) await connectBlocks(page, ids[index] ?? '', id)
  return ids
}

export async function setEpochs(page: Page, epochs: number): Promise<void> {
  await page.getByTestId('dock-tab-training').click()
  const field = page.getByTestId('epochs')
  const input =
    (await field.evaluate((element) => element.tagName)) === 'INPUT' ? field : field.locator('input')
  await input.fill(String(epochs))
  await input.blur()
}

/** Number of drawn training steps and validation points of a chart. */
export async function pointsOf(
  page: Page,
  metric: 'loss' | 'accuracy',
): Promise<{ steps: number; epochs: number }> {
  const chart = page.getByTestId(`chart-${metric}`).first()
  return {
    steps: Number(await chart.getAttribute('data-points')),
    epochs: Number(await chart.getAttribute('data-epochs')),
  }
}
