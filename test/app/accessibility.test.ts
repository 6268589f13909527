/** No violation that axe can find, in every main state, light and dark. */
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer, type AppServer } from './appServer'
import { launchBrowser, openApp, screenshot } from './browser'
import { chooseInMenu, selectBlock, setNumber } from './designer'

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

async function violations(page: Page): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page }).analyze()
  return found.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(' ')} ${node.failureSummary ?? ''}`),
  )
}

describe.each(['light', 'dark'] as const)('in %s', (colorScheme) => {
  it('every main state is free of violations', async () => {
    const { page, context, problems } = await openApp(browser, server.address, {
      colorScheme,
      reducedMotion: 'reduce',
    })
    await page.getByTestId('examples').locator('img').first().waitFor()
    expect(await violations(page), 'start').toEqual([])
    await screenshot(page, `12-start-${colorScheme}`)

    await selectBlock(page, 'conv2d_2')
    expect(await violations(page), 'inspector').toEqual([])
    await setNumber(page, 'kernelSize', 15)
    await page.getByTestId('issue-KERNEL_EXCEEDS_INPUT').waitFor()
    expect(await violations(page), 'misfit').toEqual([])
    await screenshot(page, `13-misfit-${colorScheme}`)

    for (const tab of ['training', 'runs', 'data']) {
      await page.getByTestId(`dock-tab-${tab}`).click()
      expect(await violations(page), tab).toEqual([])
    }

    await page.getByTestId('menu').click()
    await page.getByTestId('menu-project.new').waitFor()
    expect(await violations(page), 'menu').toEqual([])
    await page.keyboard.press('Escape')
    await chooseInMenu(page, 'project.new')
    await page.getByTestId('templates').waitFor()
    expect(await violations(page), 'templates').toEqual([])
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+k')
    await page.getByTestId('command-palette').waitFor()
    expect(await violations(page), 'commands').toEqual([])
    await page.keyboard.press('Escape')
    await page.getByTestId('choose-folder').click()
    await page.getByTestId('path-entries').waitFor()
    expect(await violations(page), 'folder picker').toEqual([])
    await screenshot(page, `14-picker-${colorScheme}`)
    expect(problems).toEqual([])
    await context.close()
  })
})
