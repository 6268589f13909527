/** The graph that a window shows: putting one there, reading it as it would be saved, and what covers what. */
import type { Browser, Page } from 'playwright-core'
import { newProject } from '#shared/project/newProject'
import { parseProject } from '#shared/project/parseProject'
import { serialiseProject } from '#shared/project/serialiseProject'
import type { Graph } from '#shared/graph/types'
import { openApp, type AppPage, type PageOptions } from './browser'
import { blockNode } from './designer'

/** A window in which this network was left. */
export async function openWith(
  browser: Browser,
  address: string,
  graph: Graph,
  options: PageOptions = {},
): Promise<AppPage> {
  const app = await openApp(browser, address, options)
  const { project } = parseProject(serialiseProject(newProject({ name: 'Fork', graph })), 'fork.json')
  const working = JSON.stringify({ project, file: null, dirty: false, unkept: [] })
  // Leaving the page writes what is on screen, so the other project is put there before the next page reads it.
  await app.context.addInitScript((text) => {
    if (!sessionStorage.getItem('put')) sessionStorage.setItem('interlock.workingProject', text)
    sessionStorage.setItem('put', 'yes')
  }, working)
  await app.page.reload()
  await blockNode(app.page, graph.blocks[0]!.id).waitFor()
  return app
}

/** From the browser's storage, which autosave writes. */
export function savedGraph(page: Page): Promise<Graph> {
  return page.evaluate(() => {
    // As closing the window does: what autosave waits with is written at once.
    window.dispatchEvent(new Event('pagehide'))
    const stored = sessionStorage.getItem('interlock.workingProject') ?? '{}'
    return (JSON.parse(stored) as { project: { graph: Graph } }).project.graph
  })
}

/** Test ids of the blocks, groups and comments that something on the canvas lies over. */
export function coveredBy(page: Page, testId: string): Promise<string[]> {
  return page.evaluate((wanted) => {
    const own = document.querySelector(`[data-testid="${wanted}"]`)!.getBoundingClientRect()
    return [...document.querySelectorAll<HTMLElement>('.canvas [data-node]')].flatMap((node) => {
      const other = node.getBoundingClientRect()
      const apart =
        own.right <= other.left ||
        own.left >= other.right ||
        own.bottom <= other.top ||
        own.top >= other.bottom
      const id = node.dataset['testid'] ?? ''
      return apart || id === wanted ? [] : [id]
    })
  }, testId)
}

/** The middle of a connection's line, on screen. */
export function onConnection(page: Page, id: string): Promise<[number, number]> {
  return page.evaluate((wanted) => {
    const line = document.querySelector<SVGPathElement>(`[data-connection="${wanted}"] .line`)!
    const middle = line.getPointAtLength(line.getTotalLength() / 2)
    const { x, y } = middle.matrixTransform(line.getScreenCTM()!)
    return [x, y] as [number, number]
  }, id)
}

/** Where the keyboard is. */
export const focusedTestId = (page: Page): Promise<string | null> =>
  page.evaluate(() => document.activeElement?.getAttribute('data-testid') ?? null)
