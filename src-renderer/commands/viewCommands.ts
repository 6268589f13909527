import {
  Contrast,
  Expand,
  Keyboard,
  ListChecks,
  Maximize,
  Moon,
  PanelBottom,
  PanelLeft,
  PanelRight,
  Search,
  TextSearch,
  ZoomIn,
  ZoomOut,
} from '@lucide/vue'
import { t } from '../i18n'
import { useProjectStore } from '../stores/projectStore'
import { useUiStore, type PanelName, type ThemeChoice } from '../stores/uiStore'
import type { Contrast as ContrastKind, Theme } from '../theme/showTheme'
import type { Command } from './command'

const panelIcons = { palette: PanelLeft, inspector: PanelRight, dock: PanelBottom } as const

const chosenTheme = (theme: Theme, contrast: ContrastKind): ThemeChoice =>
  contrast === 'more' ? `${theme}Contrast` : theme

export function viewCommands(): Command[] {
  const ui = useUiStore()
  const projects = useProjectStore()
  const panel = (name: PanelName, shortcut: string): Command => ({
    id: `view.${name}`,
    label: () => t(`commands.panel.${name}`),
    icon: panelIcons[name],
    shortcut,
    enabled: () => true,
    run: () => ui.togglePanel(name),
  })
  return [
    {
      id: 'view.commands',
      label: () => t('commands.commands'),
      icon: Search,
      shortcut: 'mod+k',
      enabled: () => true,
      run: () => (ui.commandPaletteOpen = true),
    },
    {
      id: 'view.find',
      label: () => t('commands.find'),
      icon: TextSearch,
      shortcut: 'mod+f',
      enabled: () => projects.graph.blocks.length > 0,
      run: () => (ui.findOpen = true),
    },
    {
      id: 'view.help',
      label: () => t('commands.help'),
      icon: Keyboard,
      shortcut: 'f1',
      enabled: () => true,
      run: () => (ui.helpOpen = true),
    },
    {
      id: 'view.issues',
      label: () => t('commands.issues'),
      icon: ListChecks,
      shortcut: 'f8',
      enabled: () => true,
      run: () => ui.showIssues(),
    },
    {
      id: 'view.fit',
      label: () => t('commands.fitView'),
      icon: Maximize,
      shortcut: 'alt+0',
      enabled: () => ui.canvas !== null,
      run: () => ui.canvas?.fitView(),
    },
    {
      id: 'view.zoomIn',
      label: () => t('commands.zoomIn'),
      icon: ZoomIn,
      shortcut: 'alt+= alt++',
      enabled: () => ui.canvas !== null,
      run: () => ui.canvas?.zoomIn(),
    },
    {
      id: 'view.zoomOut',
      label: () => t('commands.zoomOut'),
      icon: ZoomOut,
      shortcut: 'alt+-',
      enabled: () => ui.canvas !== null,
      run: () => ui.canvas?.zoomOut(),
    },
    panel('palette', 'alt+1'),
    panel('inspector', 'alt+2'),
    panel('dock', 'alt+3'),
    {
      id: 'view.maximiseDock',
      label: () => t('commands.maximise'),
      icon: Expand,
      shortcut: 'alt+m',
      enabled: () => true,
      run: () => ui.toggleMaximised(),
    },
    {
      id: 'view.theme',
      label: () => t('commands.theme'),
      icon: Moon,
      enabled: () => true,
      run: () => (ui.themeChoice = chosenTheme(ui.theme === 'dark' ? 'light' : 'dark', ui.contrast)),
    },
    {
      id: 'view.contrast',
      label: () => t('commands.contrast'),
      icon: Contrast,
      enabled: () => true,
      run: () => (ui.themeChoice = chosenTheme(ui.theme, ui.contrast === 'more' ? 'normal' : 'more')),
    },
  ]
}
