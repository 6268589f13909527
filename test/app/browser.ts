/** A real browser for the app tests, and what every test watches for: errors of the page and broken rules of its policy. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import { findChromium } from '../../src-main/launcher/chromium.mjs'
import { root } from './appServer'

const screenshots = join(root, 'out', 'screenshots')

export async function launchBrowser(): Promise<Browser> {
  const executablePath = findChromium()
  if (!executablePath) throw new Error('The app tests need Chromium, Chrome or Edge; set CHROME_PATH to one.')
  return chromium.launch({ executablePath })
}

/** A browser that can be ended as `kill -9` does, with everything it had not written yet. */
export async function launchKillable(): Promise<{ browser: Browser; kill(): Promise<void> }> {
  const executablePath = findChromium()
  if (!executablePath) throw new Error('The app tests need Chromium, Chrome or Edge; set CHROME_PATH to one.')
  const server = await chromium.launchServer({ executablePath })
  const browser = await chromium.connect(server.wsEndpoint())
  return { browser, kill: () => server.kill() }
}

export interface AppPage {
  page: Page
  context: BrowserContext
  /** Errors in the console (the policy's included), uncaught errors, and failed requests. */
  problems: string[]
}

export interface PageOptions {
  colorScheme?: 'light' | 'dark'
  reducedMotion?: 'reduce' | 'no-preference'
  contrast?: 'more' | 'no-preference'
  forcedColors?: 'active' | 'none'
  /** Run in the page before anything of the window. */
  onOpen?: () => void
}

/** A window on the app, in a context (storage) of its own. */
export async function openApp(
  browser: Browser,
  address: string,
  { onOpen, ...options }: PageOptions = {},
): Promise<AppPage> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    colorScheme: 'light',
    ...options,
  })
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  if (onOpen) await page.addInitScript(onOpen)
  const problems = watch(page)
  await page.goto(address)
  await page.getByTestId('canvas').waitFor()
  await page
    .getByTestId('executor')
    .filter({ hasText: /CPU|GPU|\w/ })
    .waitFor()
  return { page, context, problems }
}

export function watch(page: Page): string[] {
  const problems: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || /Content Security Policy/i.test(message.text()))
      problems.push(message.text())
  })
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('requestfailed', (request) =>
    problems.push(`${request.url()} ${request.failure()?.errorText ?? ''}`),
  )
  return problems
}

/** For people to look at, in out/screenshots; no test compares them. */
export async function screenshot(page: Page, name: string): Promise<void> {
  mkdirSync(screenshots, { recursive: true })
  await page.screenshot({ path: join(screenshots, `${name}.png`) })
}
