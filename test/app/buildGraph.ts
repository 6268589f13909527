/** Builds a given network on an empty canvas as a person does, with the keyboard alone or with the mouse alone. */
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { blockDefinition } from '#shared/blocks/index'
import { checkParams } from '#shared/blocks/paramValues'
import type { Block, Graph } from '#shared/graph/types'
import { blockNode, setChoice } from './designer'

const definitionOf = (block: Block) => {
  const definition = blockDefinition(block.type)
  if (!definition) throw new Error(`no block ${block.type}`)
  return definition
}

const sourcesOf = (graph: Graph, block: Block): string[] =>
  graph.connections
    .filter(({ to }) => to === block.id)
    .toSorted((a, b) => (a.input ?? 0) - (b.input ?? 0))
    .map(({ from }) => from)

/** What a person types into the list of blocks: a word of the name, then the settings that are not the defaults. */
function typedText(block: Block): string {
  const definition = definitionOf(block)
  const { values } = checkParams(definition, block.params)
  const specs = Object.entries(definition.params)
  const numbers = specs.filter(([, { kind }]) => ['integer', 'number', 'pair'].includes(kind))
  const changed = numbers.findLastIndex(([name, { default: usual }]) => values[name] !== usual)
  const words = numbers.slice(0, changed + 1).map(([name]) => String(values[name]))
  for (const [name, spec] of specs) {
    const value = values[name]
    if (value === spec.default) continue
    if (spec.kind === 'padding') words.push(String(value))
    if (spec.kind === 'boolean') words.push(`no${spec.label.toLowerCase()}`)
    if (spec.kind === 'choice')
      words.push(spec.options.find((option) => option.value === value)!.label.toLowerCase())
  }
  return [definition.label.split(' ')[0]!.toLowerCase(), ...words].join(' ')
}

const focused = (page: Page) =>
  page.evaluate(() => document.activeElement?.getAttribute('data-testid')?.replace(/^block-/, '') ?? '')

/** Types a name and takes it, and answers the id of the block that has the focus then. */
async function addByTyping(page: Page, text: string, branch: boolean): Promise<string> {
  const before = await page.locator('.block').count()
  const [first = '', ...rest] = text
  await page.keyboard.press(first)
  await page.getByTestId('quick-add').waitFor()
  await page.keyboard.type(rest.join(''))
  await page.keyboard.press(branch ? 'Shift+Enter' : 'Enter')
  await expect.poll(() => page.locator('.block').count(), { message: text }).toBe(before + 1)
  await page.getByTestId('quick-add').waitFor({ state: 'hidden' })
  await expect.poll(() => page.locator('.block:focus').count(), { message: `focus after ${text}` }).toBe(1)
  return focused(page)
}

/** Goes to a block by the search on the canvas. */
async function goTo(page: Page, id: string): Promise<void> {
  await page.keyboard.press('Control+f')
  await page.getByTestId('find-block').waitFor()
  await page.keyboard.type(id)
  await page.keyboard.press('Enter')
  await expect.poll(() => focused(page)).toBe(id)
}

/** One more source of a merge, in its settings; Escape leads back to the block. */
async function connectByKeyboard(page: Page, id: string, from: string): Promise<void> {
  await page.keyboard.press('Enter')
  for (let press = 0; press < 20 && (await focused(page)) !== 'connect-from'; press++)
    await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.getByTestId('source').waitFor()
  await page.keyboard.type(from)
  await page.keyboard.press('Enter')
  await page.getByTestId('source').waitFor({ state: 'hidden' })
  await expect.poll(() => focused(page)).toBe('connect-from')
  await page.keyboard.press('Escape')
  await expect.poll(() => focused(page)).toBe(id)
}

export async function buildByKeyboard(page: Page, graph: Graph): Promise<void> {
  const ids = new Map<string, string>()
  let last = ''
  for (const block of graph.blocks) {
    const [first, ...others] = sourcesOf(graph, block)
    const from = first === undefined ? '' : (ids.get(first) ?? '')
    if (from !== last) await goTo(page, from)
    const branch = graph.connections.some((one) => one.from === first && ids.has(one.to))
    const id = await addByTyping(page, typedText(block), branch)
    ids.set(block.id, id)
    for (const other of others) await connectByKeyboard(page, id, ids.get(other) ?? '')
    last = id
  }
}

/** Sets what differs from the defaults, in the inspector. */
async function setByMouse(page: Page, block: Block): Promise<void> {
  const definition = definitionOf(block)
  const { values } = checkParams(definition, block.params)
  for (const [name, spec] of Object.entries(definition.params)) {
    const value = values[name]
    const field = page.getByTestId(`param-${name}`)
    if ((await field.count()) === 0) continue
    if (spec.kind === 'boolean') await field.locator('input').setChecked(value === true)
    else if (value === spec.default) continue
    else if (spec.kind === 'choice' || spec.kind === 'padding') await setChoice(page, name, String(value))
    else {
      // A pooling's stride follows its size until it gets one of its own.
      if (spec.default === null) await field.getByRole('button').first().click()
      await field.locator('input').first().fill(String(value))
    }
  }
}

export async function buildByMouse(page: Page, graph: Graph): Promise<void> {
  const ids = new Map<string, string>()
  let last = ''
  for (const block of graph.blocks) {
    const sources = sourcesOf(graph, block).map((id) => ids.get(id) ?? '')
    const branch = graph.connections.some(
      (one) => sources.includes(ids.get(one.from) ?? '-') && ids.has(one.to),
    )
    if (sources.length > 1 || (sources.length === 1 && sources[0] !== last)) {
      await page.getByTestId('fit').click()
      for (const [i, source] of sources.entries())
        await blockNode(page, source).click(i > 0 ? { modifiers: ['Shift'] } : {})
    }
    const before = await page.locator('.block').count()
    await page
      .getByTestId(`palette-${block.type}`)
      .click(branch && sources.length === 1 ? { modifiers: ['Shift'] } : {})
    await page.locator('.block').nth(before).waitFor()
    const id = (await page.locator('.block[aria-current="true"]').getAttribute('data-testid')) ?? ''
    last = id.replace(/^block-/, '')
    ids.set(block.id, last)
    await setByMouse(page, block)
  }
}
