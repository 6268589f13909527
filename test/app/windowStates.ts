/** Everything the window can show, one after the other, as a person gets there: for what must hold everywhere. */
import type { Page } from 'playwright-core'
import { blockNode, chooseInMenu, selectBlock, setNumber } from './designer'

type Look = (state: string) => Promise<void>

/** Opens something, looks, and closes it with Escape. */
async function lookAt(page: Page, look: Look, state: string, testId: string): Promise<void> {
  await page.getByTestId(testId).first().waitFor()
  await look(state)
  await page.keyboard.press('Escape')
  await page.getByTestId(testId).first().waitFor({ state: 'hidden' })
}

/** Every tab of the dock, with what is folded in it unfolded. */
async function visitDock(page: Page, look: Look, when: string): Promise<void> {
  const tabs = page.locator('[data-testid^="dock-tab-"]')
  for (const tab of await tabs.all()) {
    await tab.click()
    const name = ((await tab.getAttribute('data-testid')) ?? '').replace('dock-tab-', '')
    const panel = page.locator('[role="tabpanel"][data-state="active"]')
    await panel.locator('> *').first().waitFor()
    await look(`${when}-${name}`)
    const folded = panel.locator('details:not([open]) > summary')
    if ((await folded.count()) === 0) continue
    for (const summary of (await folded.all()).reverse()) await summary.click()
    await look(`${when}-${name}-more`)
  }
  await page.getByTestId('dock-tab-data').click()
}

/** The window as it opens: LeNet on the digits, no run yet. Ends with an empty canvas. */
export async function visitStates(page: Page, look: Look): Promise<void> {
  await page.getByTestId('dock-tab-data').click()
  await page.getByTestId('examples').locator('img').first().waitFor()
  await look('start')
  await visitDock(page, look, 'lenet')

  // Whoever looks may have changed the size of the window.
  await page.getByTestId('fit').click()
  await selectBlock(page, 'conv2d_2')
  await look('block')
  await setNumber(page, 'kernelSize', 15)
  await page.getByTestId('issue-KERNEL_EXCEEDS_INPUT').waitFor()
  await look('misfit')
  await page.getByTestId('fit-status').click()
  await page.getByTestId('overview').waitFor()
  await look('problems')

  await page.getByTestId('fit').click()
  await blockNode(page, 'dense_1').locator('.title').click()
  await blockNode(page, 'dense_2')
    .locator('.title')
    .click({ modifiers: ['Shift'] })
  await look('two-blocks')
  await page.keyboard.press('Control+g')
  await page.locator('[data-testid^="group-"]').first().waitFor()
  await page.keyboard.press('Escape')
  await page.getByTestId('name-field').waitFor({ state: 'hidden' })
  await look('group')
  await chooseInMenu(page, 'edit.comment')
  await page.locator('[data-testid^="note-"]').first().waitFor()
  await page.keyboard.type('Why 16 filters?')
  await look('comment')
  await page.keyboard.press('Escape')

  await page.getByTestId('menu').click()
  await lookAt(page, look, 'menu', 'menu-project.new')
  await page.getByTestId('theme').click()
  await lookAt(page, look, 'appearance', 'theme-system')
  await page.keyboard.press('Control+k')
  await lookAt(page, look, 'commands', 'command-palette')
  await page.keyboard.press('F1')
  await lookAt(page, look, 'shortcuts', 'shortcut-help')
  await chooseInMenu(page, 'view.find')
  await lookAt(page, look, 'find', 'find-block')
  await chooseInMenu(page, 'edit.quickAdd')
  await lookAt(page, look, 'quick-add', 'quick-add')
  await page.getByTestId('dock-tab-data').click()
  await page.getByTestId('choose-folder').click()
  await page.getByTestId('path-entries').waitFor()
  await lookAt(page, look, 'folder', 'path-picker')
  await chooseInMenu(page, 'project.saveAs')
  await lookAt(page, look, 'save-as', 'path-picker')

  await chooseInMenu(page, 'project.new')
  await page.getByTestId('templates').waitFor()
  await look('templates')
  await page.getByTestId('new-empty').click()
  await page.getByTestId('confirm').waitFor()
  await look('unsaved')
  await page.getByTestId('confirm-yes').click()
  await page.getByTestId('empty-canvas').waitFor()
  await look('empty')
  await visitDock(page, look, 'empty')
}

/** What there is to see of a run that has finished an epoch. */
export async function visitRun(page: Page, look: Look): Promise<void> {
  await page.getByTestId('dock-tab-runs').click()
  await page.getByTestId('continue-run').waitFor()
  await visitDock(page, look, 'run')
  await page.getByTestId('dock-tab-runs').click()
  await page.getByTestId('continue-run').click()
  await lookAt(page, look, 'continue', 'continue-dialog')
  await page.getByTestId('export-run').click()
  await lookAt(page, look, 'export', 'export-dialog')
}
