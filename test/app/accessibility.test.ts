/**
 * No violation that axe can find, in everything the window shows, in every theme. Leaves pictures of it all in
 * `out/screenshots/look` for people; with `INTERLOCK_PICTURES=1` in a large window too.
 */
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
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

/** Only colours differ between themes, so the other rules are asked in the first. Text of high contrast must reach 7:1. */
const themes = [
  { name: 'light', media: { colorScheme: 'light', contrast: 'no-preference' }, rules: null },
  { name: 'dark', media: { colorScheme: 'dark', contrast: 'no-preference' }, rules: ['color-contrast'] },
  {
    name: 'light-contrast',
    media: { colorScheme: 'light', contrast: 'more' },
    rules: ['color-contrast-enhanced'],
  },
  {
    name: 'dark-contrast',
    media: { colorScheme: 'dark', contrast: 'more' },
    rules: ['color-contrast-enhanced'],
  },
] as const

async function violations(page: Page, rules: readonly string[] | null): Promise<string[]> {
  // Everything is in one frame: asked in the page itself, an answer costs a fraction.
  const axe = new AxeBuilder({ page }).setLegacyMode()
  if (rules) axe.withRules([...rules])
  const { violations: found } = await axe.analyze()
  return found.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(' ')} ${node.failureSummary ?? ''}`),
  )
}

const small = { width: 1280, height: 800 }
const large = { width: 1920, height: 1080 }

it('everything the window shows, in every theme', { timeout: 900_000 }, async () => {
  const { page, context, problems } = await openApp(browser, server.address, { reducedMotion: 'reduce' })
  await page.setViewportSize(small)
  await page.getByTestId('fit').click()
  const found: Record<string, string[]> = {}
  const look = async (state: string) => {
    for (const { name, media, rules } of themes) {
      await page.emulateMedia(media)
      const here = await violations(page, rules)
      if (here.length > 0) found[`${state}, ${name}`] = here
      await screenshot(page, `look/${name}-${state}`)
      if (process.env['INTERLOCK_PICTURES'] !== '1') continue
      await page.setViewportSize(large)
      await screenshot(page, `look/${name}-${state}-large`)
      await page.setViewportSize(small)
    }
    await page.emulateMedia(themes[0].media)
  }
  await visitStates(page, look)
  expect(found).toEqual({})

  await page.getByTestId('template-lenet').click()
  await setEpochs(page, 1)
  await page.getByTestId('train-button').click()
  await page.locator('[data-testid="run-progress"][data-phase="completed"]').waitFor({ timeout: 120_000 })
  await visitRun(page, look)
  expect(found).toEqual({})
  expect(problems).toEqual([])
  await context.close()
})

it('the theme is chosen under Appearance, or is that of the system', async () => {
  const { page, context } = await openApp(browser, server.address, { colorScheme: 'dark', contrast: 'more' })
  const shown = () => page.evaluate(() => ({ ...document.documentElement.dataset }))
  expect(await shown()).toMatchObject({ theme: 'dark', contrast: 'more' })
  await page.emulateMedia({ contrast: 'no-preference' })
  await expect.poll(shown).toMatchObject({ theme: 'dark', contrast: 'normal' })
  await page.getByTestId('theme').click()
  await page.getByTestId('theme-lightContrast').click()
  await expect.poll(shown).toMatchObject({ theme: 'light', contrast: 'more' })
  await page.reload()
  await page.getByTestId('canvas').waitFor()
  expect(await shown()).toMatchObject({ theme: 'light', contrast: 'more' })
  await context.close()
})

it('the colours the system forces are used, and nothing is hard to read', async () => {
  const { page, context, problems } = await openApp(browser, server.address, {
    colorScheme: 'dark',
    forcedColors: 'active',
  })
  await page.getByTestId('examples').locator('img').first().waitFor()
  const [surface, canvas] = await page.evaluate(() => {
    const probe = document.body.appendChild(document.createElement('i'))
    probe.style.backgroundColor = 'Canvas'
    return [document.body, probe].map((element) => getComputedStyle(element).backgroundColor)
  })
  expect(surface).toBe(canvas)
  expect(await violations(page, ['color-contrast'])).toEqual([])
  await screenshot(page, 'look/forced-colours')
  expect(problems).toEqual([])
  await context.close()
})
