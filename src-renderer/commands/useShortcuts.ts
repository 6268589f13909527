/** The keyboard: every command's shortcut, and the browser's copy, cut and paste for blocks as JSON text. */
import { useEventListener } from '@vueuse/core'
import { useEditing } from '../canvas/useEditing'
import { useUiStore } from '../stores/uiStore'
import { matchesShortcut } from './shortcut'
import { useCommands } from './useCommands'

/** Where keys and the clipboard belong to what is being typed, or to an open dialog or menu. */
function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest('input, textarea, select, [contenteditable="true"]') !== null
  )
}
const layers = '[role="dialog"], [role="alertdialog"], [role="menu"]'
/** Its path is asked too: what was typed in a dialog is the dialog's, also where that key has closed it by now. */
function inDialog(event: Event): boolean {
  const within = event.composedPath().some((one) => one instanceof Element && one.matches(layers))
  return within || document.querySelector(layers) !== null
}
/** Keys that are held down repeat only what may be done over and over: never what a dialog was closed with. */
const mayRepeat = (id: string): boolean => id.startsWith('edit.') || id.startsWith('view.')

export function useShortcuts(): void {
  const commands = useCommands()
  const editing = useEditing()
  const ui = useUiStore()

  useEventListener(window, 'keydown', (event: KeyboardEvent) => {
    if (event.defaultPrevented || inDialog(event)) return
    const found = commands.all.find((command) => command.shortcut && matchesShortcut(command.shortcut, event))
    if (!found || found.native || (event.repeat && !mayRepeat(found.id))) return
    // In a field the field's own editing keys come first; Ctrl+S, Ctrl+K and the like still work there.
    if (
      isTyping(event.target) &&
      (found.id.startsWith('edit.') || !(event.ctrlKey || event.metaKey || event.altKey))
    ) {
      return
    }
    const plainKey = !(event.ctrlKey || event.metaKey || event.altKey) && found.id.startsWith('edit.')
    if (plainKey && (ui.dockMaximised || (event.target instanceof Element && !onCanvas(event.target)))) return
    event.preventDefault()
    commands.run(found.id)
  })

  const forBlocks = (event: ClipboardEvent) =>
    !isTyping(event.target) && !inDialog(event) && (getSelection()?.isCollapsed ?? true)

  useEventListener(document, 'copy', (event: ClipboardEvent) => {
    const text = forBlocks(event) ? editing.copyText() : null
    if (text === null) return
    event.clipboardData?.setData('text/plain', text)
    event.preventDefault()
  })
  useEventListener(document, 'cut', (event: ClipboardEvent) => {
    const text = forBlocks(event) ? editing.copyText() : null
    if (text === null) return
    event.clipboardData?.setData('text/plain', text)
    event.preventDefault()
    editing.remove()
  })
  useEventListener(document, 'paste', (event: ClipboardEvent) => {
    if (!forBlocks(event)) return
    editing.paste(event.clipboardData?.getData('text/plain') ?? '')
    event.preventDefault()
  })
}

/** Delete, Escape and the like act on the canvas, and when nothing in particular has the focus. */
function onCanvas(target: Element): boolean {
  return target === document.body || target.closest('.canvas') !== null
}
