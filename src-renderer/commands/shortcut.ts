/** Shortcuts as `mod+shift+z`: matching key events and writing them for people. */
const isMac = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform)

export function matchesShortcut(shortcut: string, event: KeyboardEvent): boolean {
  return shortcut.split(' ').some((one) => {
    const parts = one.split('+')
    const key = parts.at(-1) === '' ? '+' : parts.at(-1)!
    const mod = isMac ? event.metaKey : event.ctrlKey
    const other = isMac ? event.ctrlKey : event.metaKey
    return (
      mod === parts.includes('mod') &&
      !other &&
      event.shiftKey === parts.includes('shift') &&
      event.altKey === parts.includes('alt') &&
      // With Alt some layouts report another character, so digits and letters are also matched by their key's place.
      (event.key.toLowerCase() === key ||
        event.code === `Key${key.toUpperCase()}` ||
        event.code === `Digit${key}`)
    )
  })
}

const names: Readonly<Record<string, string>> = isMac
  ? {
      mod: '⌘',
      shift: '⇧',
      alt: '⌥',
      enter: '↩',
      delete: '⌫',
      backspace: '⌫',
      arrowleft: '←',
      arrowright: '→',
      escape: 'Esc',
    }
  : {
      mod: 'Ctrl',
      shift: 'Shift',
      alt: 'Alt',
      enter: 'Enter',
      delete: 'Del',
      backspace: 'Backspace',
      arrowleft: '←',
      arrowright: '→',
      escape: 'Esc',
      insert: 'Ins',
    }

export function shortcutText(shortcut: string): string {
  const parts = shortcut.split(' ')[0]!.split('+')
  return parts.map((part) => names[part] ?? part.toUpperCase()).join(isMac ? '' : '+')
}
