/** What axe finds wrong with a page, one line for each place. */
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'

/** `within`: a selector, where only a part of the page is looked at. */
export async function violations(page: Page, within?: string): Promise<string[]> {
  const axe = new AxeBuilder({ page })
  if (within !== undefined) axe.include(within)
  const { violations: found } = await axe.analyze()
  return found.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`))
}
