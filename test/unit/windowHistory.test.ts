import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { useHistory } from '../../src-renderer/stores/history'

interface Document {
  name: string
  items: number[]
}

describe('history of a document', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('undoes and redoes a hundred labelled steps to the very same content', () => {
    const history = useHistory<Document>({ name: 'a', items: [] })
    for (let i = 0; i < 100; i++) history.edit(`step ${i}`, (draft) => void draft.items.push(i))
    const end = history.state.value
    expect(history.undoLabel.value).toBe('step 99')
    for (let i = 0; i < 100; i++) history.undo()
    expect(history.state.value).toEqual({ name: 'a', items: [] })
    expect(history.undoLabel.value).toBeNull()
    expect(history.redoLabel.value).toBe('step 0')
    for (let i = 0; i < 100; i++) history.redo()
    expect(history.state.value).toEqual(end)
  })

  it('makes one step of quick edits with the same key, and two of slow ones', () => {
    const history = useHistory<Document>({ name: '', items: [] })
    history.edit('rename', (draft) => void (draft.name = 'L'), 'name')
    history.edit('rename', (draft) => void (draft.name = 'Le'), 'name')
    vi.advanceTimersByTime(2000)
    history.edit('rename', (draft) => void (draft.name = 'LeNet'), 'name')
    history.undo()
    expect(history.state.value.name).toBe('Le')
    history.undo()
    expect(history.state.value.name).toBe('')
    history.redo()
    expect(history.state.value.name).toBe('Le')
  })

  it('leaves no step for an edit that changes nothing, and forgets what could be redone after a new one', () => {
    const history = useHistory<Document>({ name: 'a', items: [1] })
    history.edit('nothing', (draft) => void (draft.name = 'a'))
    expect(history.undoLabel.value).toBeNull()
    history.edit('one', (draft) => void draft.items.push(2))
    history.undo()
    history.edit('other', (draft) => void draft.items.push(3))
    expect(history.redoLabel.value).toBeNull()
    expect(history.state.value.items).toEqual([1, 3])
  })

  it('knows whether what was saved is on screen', () => {
    const history = useHistory<Document>({ name: 'a', items: [] })
    expect(history.dirty.value).toBe(false)
    history.edit('one', (draft) => void draft.items.push(1))
    expect(history.dirty.value).toBe(true)
    history.markSaved()
    history.edit('two', (draft) => void draft.items.push(2))
    history.undo()
    expect(history.dirty.value).toBe(false)
    history.undo()
    expect(history.dirty.value).toBe(true)
  })
})
