// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, describe, expect, it } from 'vitest'
import ConfirmDialog from '../../src-renderer/frame/ConfirmDialog.vue'
import { confirm } from '../../src-renderer/frame/confirm'

describe('a question', () => {
  const dialog = mount(ConfirmDialog, { attachTo: document.body })
  const ask = async () => {
    const answer = confirm({ title: 'Leave it?', text: 'It would be lost.', action: 'Leave' })
    await flushPromises()
    return { answer }
  }
  const buttons = () => [...document.querySelectorAll<HTMLElement>('[data-testid=confirm] button')]
  afterEach(async () => {
    await flushPromises()
    expect(buttons()).toEqual([])
  })

  it('is answered with yes by its action', async () => {
    const { answer } = await ask()
    buttons()
      .find((button) => button.textContent?.trim() === 'Leave')!
      .click()
    expect(await answer).toBe(true)
  })

  it('is answered with no by Cancel', async () => {
    const { answer } = await ask()
    buttons()
      .find((button) => button.textContent?.trim() === 'Cancel')!
      .click()
    expect(await answer).toBe(false)
    dialog.unmount()
  })
})
