// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, describe, expect, it } from 'vitest'
import { thinOut } from '../../src-renderer/charts/thinOut'
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

describe('thinning out a curve', () => {
  it('leaves short curves whole', () => {
    expect(thinOut([3, 1, 2], 400)).toEqual([0, 1, 2])
    expect(thinOut([], 400)).toEqual([])
  })

  it('keeps the ends, the order and every peak of a long one', () => {
    const values = Float32Array.from({ length: 100_000 }, (_, i) => Math.sin(i / 5000))
    values[12_345] = 9
    values[54_321] = -9
    const kept = thinOut(values, 400)
    expect(kept.length).toBeLessThanOrEqual(802)
    expect(kept.toSorted((a, b) => a - b)).toEqual(kept)
    expect([kept[0], kept.at(-1)]).toEqual([0, 99_999])
    expect(kept).toContain(12_345)
    expect(kept).toContain(54_321)
  })
})
