/**
 * The native menu. Its items name commands of the window (`src-renderer/commands/`), which knows whether they apply and does
 * them; only what the system does itself is a role. The window handles the keys, so accelerators are shown, not registered.
 */
import type { MenuItemConstructorOptions } from 'electron'

/** Command ids by menu; a test checks that the window has each of them. `null` is a separator. */
const fileItems = [
  ['project.new', '&New…', 'CmdOrCtrl+Alt+N'],
  ['project.open', '&Open…', 'CmdOrCtrl+O'],
  ['project.recent', 'Open &Recent…', ''],
  null,
  ['project.save', '&Save', 'CmdOrCtrl+S'],
  ['project.saveAs', 'Save &As…', 'CmdOrCtrl+Shift+S'],
  ['project.share', 'Save a &Copy to Share…', ''],
  null,
  ['training.export', '&Export Model…', 'CmdOrCtrl+E'],
  ['training.mapScene', '&Map a Scene…', ''],
] as const
const undoItems = [
  ['edit.undo', '&Undo', 'CmdOrCtrl+Z'],
  ['edit.redo', '&Redo', 'CmdOrCtrl+Shift+Z'],
] as const
const editItems = [
  ['edit.duplicate', '&Duplicate', 'CmdOrCtrl+D'],
  ['edit.delete', 'D&elete', 'Delete'],
  ['edit.deletePlain', 'Delete &Without Reconnecting', 'Shift+Delete'],
  ['edit.selectAll', 'Select &All', 'CmdOrCtrl+A'],
  ['edit.selectNone', 'Select &Nothing', 'Esc'],
  null,
  ['edit.quickAdd', 'Add &Block…', '/'],
  ['edit.comment', 'Add Co&mment', 'Alt+C'],
  ['edit.earlier', 'Move Ea&rlier', 'Alt+Left'],
  ['edit.later', 'Move &Later', 'Alt+Right'],
  null,
  ['edit.group', '&Group and Collapse', 'CmdOrCtrl+G'],
  ['edit.ungroup', 'Ungrou&p', 'CmdOrCtrl+Shift+G'],
  ['edit.toggleGroup', 'Collapse or E&xpand', 'Alt+G'],
  null,
  ['edit.alignRow', 'Align in a Row', ''],
  ['edit.alignColumn', 'Align in a Column', ''],
  ['edit.alignAcross', 'Distribute from Left to Right', ''],
  ['edit.alignDown', 'Distribute from Top to Bottom', ''],
  ['edit.layout', '&Tidy Up', 'Alt+L'],
] as const
const viewItems = [
  ['view.commands', '&Commands…', 'CmdOrCtrl+K'],
  ['view.find', 'Find a &Block…', 'CmdOrCtrl+F'],
  ['view.help', '&Keyboard Shortcuts', 'F1'],
  null,
  ['view.fit', 'Show &Whole Network', 'Alt+0'],
  ['view.zoomIn', 'Zoom &In', 'Alt+='],
  ['view.zoomOut', 'Zoom &Out', 'Alt+-'],
  null,
  ['view.palette', '&Palette', 'Alt+1'],
  ['view.inspector', 'I&nspector', 'Alt+2'],
  ['view.dock', '&Dock', 'Alt+3'],
  ['view.maximiseDock', '&Maximise the Dock', 'Alt+M'],
  null,
  ['view.theme', 'Light or Dark', ''],
] as const
const trainingItems = [
  ['training.start', '&Train', 'CmdOrCtrl+Enter'],
  ['training.stop', '&Stop', 'CmdOrCtrl+.'],
] as const

type Item = readonly [id: string, label: string, accelerator: string] | null

/** `send` tells the window to run a command. */
export function menuTemplate(
  platform: NodeJS.Platform,
  send: (commandId: string) => void,
): MenuItemConstructorOptions[] {
  const isMac = platform === 'darwin'
  const separator: MenuItemConstructorOptions = { type: 'separator' }
  const commands = (items: readonly Item[]): MenuItemConstructorOptions[] =>
    items.map((item) => {
      if (item === null) return separator
      const [id, label, accelerator] = item
      const shown = accelerator === '' ? {} : { accelerator, registerAccelerator: false }
      return { id, label: isMac ? label.replace('&', '') : label, ...shown, click: () => send(id) }
    })
  const appMenu: MenuItemConstructorOptions[] = isMac ? [{ role: 'appMenu' }] : []
  return [
    ...appMenu,
    {
      label: '&File',
      submenu: [...commands(fileItems), separator, isMac ? { role: 'close' } : { role: 'quit' }],
    },
    {
      label: '&Edit',
      submenu: [
        ...commands(undoItems),
        separator,
        { role: 'cut' },
        { role: 'copy' },
        { role: 'paste' },
        ...commands(editItems),
      ],
    },
    { label: '&View', submenu: [...commands(viewItems), separator, { role: 'togglefullscreen' }] },
    { label: '&Training', submenu: commands(trainingItems) },
    { role: 'windowMenu' },
  ]
}
