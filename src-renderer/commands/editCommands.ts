import {
  AlignHorizontalDistributeCenter,
  AlignHorizontalJustifyCenter,
  AlignVerticalDistributeCenter,
  AlignVerticalJustifyCenter,
  ArrowLeftToLine,
  ArrowRightToLine,
  ChevronsDownUp,
  CircleOff,
  ClipboardPaste,
  Copy,
  CopyPlus,
  Group,
  LayoutDashboard,
  MessageSquarePlus,
  Plus,
  Redo2,
  Scissors,
  SquareDashed,
  TextCursorInput,
  Trash2,
  Undo2,
  Ungroup,
  Unlink,
} from '@lucide/vue'
import type { Alignment } from '../canvas/alignNodes'
import { t } from '../i18n'
import { useEditing } from '../canvas/useEditing'
import { useProjectStore } from '../stores/projectStore'
import { useUiStore } from '../stores/uiStore'
import type { Command } from './command'

export function editCommands(): Command[] {
  const projects = useProjectStore()
  const ui = useUiStore()
  const editing = useEditing()
  const someSelected = () => ui.selectedBlocks.length + ui.selectedNotes.length > 0
  const anyBlock = () => projects.graph.blocks.length > 0
  const several = () => ui.selectedBlocks.length + ui.selectedNotes.length > 1
  const inGroup = () => editing.selectedGroups.value.length > 0
  const align = (how: Alignment) => ({
    label: () => t(`commands.align.${how}`),
    enabled: several,
    run: () => editing.align(how),
  })
  const reorder = (way: 'earlier' | 'later') => ({
    label: () => t(`commands.${way}`),
    enabled: () => ui.selectedBlock !== null,
    run: () => editing.reorder(way),
  })
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
      run: () => void editing.pasteFromClipboard(ui.pointAt?.canvas ?? null),
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
      id: 'edit.rename',
      label: () => t(ui.selectedNotes.length > 0 ? 'commands.renameComment' : 'commands.rename'),
      icon: TextCursorInput,
      shortcut: 'f2',
      enabled: () => editing.renamable.value !== null,
      run: editing.rename,
    },
    {
      id: 'edit.delete',
      label: () => t('commands.delete'),
      icon: Trash2,
      shortcut: 'delete backspace',
      enabled: () => someSelected() || ui.selectedConnection !== null,
      run: () => editing.remove(),
    },
    {
      id: 'edit.deletePlain',
      label: () => t('commands.deletePlain'),
      icon: Unlink,
      shortcut: 'shift+delete shift+backspace',
      enabled: () => ui.selectedBlocks.length > 0,
      run: () => editing.remove(true),
    },
    {
      id: 'edit.selectAll',
      label: () => t('commands.selectAll'),
      icon: SquareDashed,
      shortcut: 'mod+a',
      enabled: anyBlock,
      run: () =>
        ui.selectAlso(
          projects.graph.blocks.map((block) => block.id),
          projects.graph.notes.map((note) => note.id),
        ),
    },
    {
      id: 'edit.selectNone',
      label: () => t('commands.selectNone'),
      icon: CircleOff,
      shortcut: 'escape',
      enabled: () => someSelected() || ui.selectedConnection !== null,
      run: () => ui.select(),
    },
    { id: 'edit.earlier', icon: ArrowLeftToLine, shortcut: 'alt+arrowleft', ...reorder('earlier') },
    { id: 'edit.later', icon: ArrowRightToLine, shortcut: 'alt+arrowright', ...reorder('later') },
    { id: 'edit.alignRow', icon: AlignHorizontalJustifyCenter, ...align('row') },
    { id: 'edit.alignColumn', icon: AlignVerticalJustifyCenter, ...align('column') },
    { id: 'edit.alignAcross', icon: AlignHorizontalDistributeCenter, ...align('across') },
    { id: 'edit.alignDown', icon: AlignVerticalDistributeCenter, ...align('down') },
    {
      id: 'edit.group',
      label: () => t('commands.group'),
      icon: Group,
      shortcut: 'mod+g',
      enabled: () => ui.selectedBlocks.length > 0,
      run: editing.group,
    },
    {
      id: 'edit.ungroup',
      label: () => t('commands.ungroup'),
      icon: Ungroup,
      shortcut: 'mod+shift+g',
      enabled: inGroup,
      run: editing.dissolve,
    },
    {
      id: 'edit.toggleGroup',
      label: () => t('commands.toggleGroup'),
      icon: ChevronsDownUp,
      shortcut: 'alt+g',
      enabled: inGroup,
      run: editing.toggleGroups,
    },
    {
      id: 'edit.comment',
      label: () => t('commands.comment'),
      icon: MessageSquarePlus,
      shortcut: 'alt+c',
      enabled: () => ui.canvas !== null,
      run: () => editing.comment(ui.pointAt?.canvas),
    },
    {
      id: 'edit.quickAdd',
      label: () => t('commands.quickAdd'),
      icon: Plus,
      shortcut: '/ insert',
      enabled: () => ui.canvas !== null,
      run: () => ui.canvas?.askForBlock(),
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
