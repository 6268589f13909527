import type { Component } from 'vue'

/** One thing a person can do. Top bar, menus, keyboard and the command palette all read the same list. */
export interface Command {
  /** `area.verb`; the native menu of the desktop shell names commands by it. */
  id: string
  label: () => string
  icon: Component
  /** `mod` is Ctrl, on a Mac Cmd; several are separated by spaces, the first is shown. */
  shortcut?: string
  /** Left to the browser, which then tells us by an event (copy, cut, paste). */
  native?: boolean
  enabled: () => boolean
  /** Why it is not enabled, where that is worth saying. */
  reason?: () => string | null
  run: () => void
}
