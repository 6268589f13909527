/** No violation that axe can find, in everything the window shows, in every theme. Leaves pictures of it all for people. */
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer, type AppServer } from './appServer'
import { launchBrowser, openApp, screenshot } from './browser'
import { setEpochs } from './designer'
import { visitRun, visitStates } from './windowStates'

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

/** Between themes only colours differ, so the other rules are asked in one of them. Text of high contrast must reach 7:1. */
const themes = [
  { name: 'light', rules: null },
  { name: 'dark', rules: ['color-contrast'] },
  { name: 'lightContrast', rules: ['color-contrast', 'color-contrast-enhanced'] },
  { name: 'darkContrast', rules: ['color-contrast', 'color-contrast-enhanced'] },
] as const

async function violations(page: Page, rules: readonly string[] | null): Promise<string[]> {
  const axe = new AxeBuilder({ page })
  if (rules) axe.withRules([...rules])
  const { violations: found } = await axe.analyze()
  return found.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(' ')} ${node.failureSummary ?? ''}`),
  )
}

const sizes = [
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
] as const

describe.each(themes)('$name', ({ name, rules }) => {
  it('is free of violations in everything the window shows', async () => {
    const { page, context, problems } = await openApp(browser, server.address, {
      colorScheme: 'light',
      reducedMotion: 'reduce',
    })
    await page.setViewportSize(sizes[0])
    await page.getByTestId('theme').click()
    await page.getByTestId(`theme-${name}`).click()
    await page.getByTestId(`theme-${name}`).waitFor({ state: 'hidden' })
    const found: Record<string, string[]> = {}
    const look = async (state: string) => {
      const here = await violations(page, rules)
      if (here.length > 0) found[state] = here
      for (const size of [...sizes].reverse()) {
        await page.setViewportSize(size)
        await screenshot(page, `look/${name}-${size.width}-${state}`)
      }
    }
    if (name === 'light') {
      await setEpochs(page, 1)
      await page.getByTestId('train-button').click()
      await page
        .locator('[data-testid="run-progress"][data-phase="completed"]')
        .waitFor({ timeout: 120_000 })
    }
    await visitRun(page, look)
    await visitStates(page, look)
    expect(found).toEqual({})
    expect(problems).toEqual([])
    await context.close()
  })
})
