/** What is said of a run that does not learn, and how its blocks are doing: in words, and in a table with explanations. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startServer, type AppServer } from './appServer'
import { violations } from './axe'
import { launchBrowser, openApp, screenshot, type AppPage } from './browser'
import { selectBlock, setChoice, setEpochs } from './designer'

let server: AppServer
let browser: Browser
let app: AppPage

beforeAll(async () => {
  server = await startServer()
  browser = await launchBrowser()
  app = await openApp(browser, server.address, { reducedMotion: 'reduce' })
})
afterAll(async () => {
  await browser?.close()
  await server?.stop()
})

it(
  'a rate that is far too small: the warning, what to try, and the blocks',
  { timeout: 200_000 },
  async () => {
    const { page } = app
    await page.getByTestId('examples').locator('img').first().waitFor()
    // One ReLU among the sigmoids, so that there are dead outputs to speak of.
    await selectBlock(page, 'dense_1')
    await setChoice(page, 'activation', 'relu')
    await setEpochs(page, 3)
    await page.getByTestId('learning-rate').fill('1e-7')
    await page.getByTestId('train-button').click()
    await page.locator('[data-testid="run-progress"][data-phase="completed"]').waitFor({ timeout: 120_000 })
    const advice = page.getByTestId('advice-NOT_LEARNING')
    const text = await advice.innerText()
    expect(text).toMatch(/^Warning:\s+After 3 epochs the loss is 2\.\d+; guessing gives 2\.30\./)
    expect(text).toContain('Try another learning rate')
    expect(await page.getByTestId('advice-STILL_IMPROVING').count()).toBe(0)

    const table = page.getByTestId('block-health')
    await table.locator('summary').focus()
    await page.keyboard.press('Enter')
    await table.locator('table').waitFor()
    expect(await table.locator('summary').innerText()).toContain('after epoch 3')
    const cells = (id: string) => page.getByTestId(`health-${id}`).locator('td').allInnerTexts()
    for (const id of ['conv2d_1', 'conv2d_2', 'dense_1', 'dense_2', 'dense_3']) {
      const [weights, gradient] = await cells(id)
      expect(Number(weights)).toBeGreaterThan(0)
      expect(Number(gradient)).toBeGreaterThan(0)
    }
    expect((await cells('dense_1')).at(-1)).toMatch(/^\d+ ?%$/)
    expect((await cells('dense_2')).at(-1)).toBe('')
    // Each heading is explained, with the keyboard too.
    await page.getByTestId('maximise-dock').click()
    for (const [heading, said] of [
      ['Gradient by weights', 'the block hardly learns'],
      ['Dead outputs', 'so their weights no longer learn'],
    ] as const) {
      await table.getByText(heading, { exact: true }).focus()
      await page.getByRole('tooltip').filter({ hasText: said }).waitFor()
    }
    for (const look of ['light', 'dark', 'lightContrast', 'darkContrast'] as const) {
      await page.getByTestId('theme').click()
      await page.getByTestId(`theme-${look}`).click()
      await screenshot(page, `70-advice-${look}`)
      expect(await violations(page)).toEqual([])
    }
    // The name of a block leads to it.
    await page.getByTestId('health-dense_1').getByRole('button').click()
    await page.getByTestId('inspector-dense_1').waitFor()
    expect(app.problems).toEqual([])
  },
)
