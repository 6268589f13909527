import {
  ClipboardPaste,
  Copy,
  CopyPlus,
  LayoutDashboard,
  Redo2,
  Scissors,
  SquareDashed,
  Trash2,
  Undo2,
} from '@lucide/vue'
import { t } from '../i18n'
import { useEditing } from '../canvas/useEditing'
import { useProjectStore } from '../stores/projectStore'
import { useUiStore } from '../stores/uiStore'
import type { Command } from './command'

export function editCommands(): Command[] {
  const projects = useProjectStore()
  const ui = useUiStore()
  const editing = useEditing()
  const someSelected = () => ui.selectedBlocks.length > 0
  const anyBlock = () => projects.graph.blocks.length > 0
  return [
    {
      id: 'edit.undo',
      label: () =>
        projects.undoLabel ? t('commands.undoStep', { step: projects.undoLabel }) : t('commands.undo'),
      icon: Undo2,
      shortcut: 'mod+z',
      enabled: () => projects.undoLabel !== null,
      run: projects.undo,
    },
    {
      id: 'edit.redo',
      label: () =>
        projects.redoLabel ? t('commands.redoStep', { step: projects.redoLabel }) : t('commands.redo'),
      icon: Redo2,
      shortcut: 'mod+shift+z mod+y',
      enabled: () => projects.redoLabel !== null,
      run: projects.redo,
    },
    {
      id: 'edit.cut',
      label: () => t('commands.cut'),
      icon: Scissors,
      shortcut: 'mod+x',
      native: true,
      enabled: someSelected,
      run: () => void document.execCommand('cut'),
    },
    {
      id: 'edit.copy',
      label: () => t('commands.copy'),
      icon: Copy,
      shortcut: 'mod+c',
      native: true,
      enabled: someSelected,
      run: () => void document.execCommand('copy'),
    },
    {
      id: 'edit.paste',
      label: () => t('commands.paste'),
      icon: ClipboardPaste,
      shortcut: 'mod+v',
      native: true,
      enabled: () => true,
      run: () => void editing.pasteFromClipboard(),
    },
    {
      id: 'edit.duplicate',
      label: () => t('commands.duplicate'),
      icon: CopyPlus,
      shortcut: 'mod+d',
      enabled: someSelected,
      run: editing.duplicate,
    },
    {
      id: 'edit.delete',
      label: () => t('commands.delete'),
      icon: Trash2,
      shortcut: 'delete backspace',
      enabled: () => someSelected() || ui.selectedConnection !== null,
      run: editing.remove,
    },
    {
      id: 'edit.selectAll',
      label: () => t('commands.selectAll'),
      icon: SquareDashed,
      shortcut: 'mod+a',
      enabled: anyBlock,
      run: () => ui.select(...projects.graph.blocks.map((block) => block.id)),
    },
    {
      id: 'edit.layout',
      label: () => t('commands.layout'),
      icon: LayoutDashboard,
      shortcut: 'alt+l',
      enabled: anyBlock,
      run: editing.layout,
    },
  ]
}
