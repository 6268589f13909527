/** Short messages at the edge of the window. An error stays until it is dismissed; anything else leaves by itself. */
import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import { toInterlockError } from '#shared/issues/errors'

export interface Notice {
  id: number
  kind: 'error' | 'info'
  text: string
}

const infoStays = 5000
const maxShown = 3

export const useNoticeStore = defineStore('notice', () => {
  const notices = shallowRef<readonly Notice[]>([])
  let nextId = 1

  function dismiss(id: number): void {
    notices.value = notices.value.filter((notice) => notice.id !== id)
  }

  /** For a new beginning: what was said before is about something else. */
  function clear(): void {
    notices.value = []
  }

  function add(kind: Notice['kind'], text: string): void {
    const same = notices.value.find((notice) => notice.kind === kind && notice.text === text)
    if (same) dismiss(same.id)
    const id = nextId++
    notices.value = [...notices.value, { id, kind, text }].slice(-maxShown)
    if (kind === 'info') setTimeout(() => dismiss(id), infoStays)
  }

  /** Shows anything that was thrown. */
  function error(thrown: unknown): void {
    const known = toInterlockError(thrown)
    // Only defects belong into the console; what a person can mend is said on screen.
    if (known.code === 'INTERNAL') console.error(thrown)
    add('error', known.message)
  }

  /** Runs `work` and shows its error, if any; answers null then. */
  async function attempt<T>(work: () => Promise<T>): Promise<T | null> {
    try {
      return await work()
    } catch (thrown) {
      error(thrown)
      return null
    }
  }

  return {
    notices,
    dismiss,
    clear,
    info: (text: string) => add('info', text),
    refuse: (text: string) => add('error', text),
    error,
    attempt,
  }
})
