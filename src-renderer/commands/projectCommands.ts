import { nextTick } from 'vue'
import { FilePlus2, FolderClock, FolderOpen, Save, SaveAll, Share2 } from '@lucide/vue'
import { t } from '../i18n'
import { refreshRecent } from '../project/recentProjects'
import { useProjectFiles } from '../project/useProjectFiles'
import { useProjectStore } from '../stores/projectStore'
import { useUiStore } from '../stores/uiStore'
import type { Command } from './command'

export function projectCommands(): Command[] {
  const files = useProjectFiles()
  const projects = useProjectStore()
  const ui = useUiStore()
  const mended = () => (projects.problems.length > 0 ? t('project.saveRefused') : null)

  /** They stand beside the templates. The dialog takes the focus first, then the newest of them. */
  async function showRecent(): Promise<void> {
    await refreshRecent()
    ui.templatesOpen = true
    await nextTick()
    requestAnimationFrame(() => document.querySelector<HTMLElement>('[data-testid="recent"] button')?.focus())
  }

  return [
    {
      id: 'project.new',
      label: () => t('commands.new'),
      icon: FilePlus2,
      shortcut: 'mod+alt+n',
      enabled: () => true,
      run: () => (ui.templatesOpen = true),
    },
    {
      id: 'project.open',
      label: () => t('commands.open'),
      icon: FolderOpen,
      shortcut: 'mod+o',
      enabled: () => true,
      run: () => void files.open(),
    },
    {
      id: 'project.recent',
      label: () => t('commands.recent'),
      icon: FolderClock,
      enabled: () => true,
      run: () => void showRecent(),
    },
    {
      id: 'project.save',
      label: () => t('commands.save'),
      icon: Save,
      shortcut: 'mod+s',
      enabled: () => mended() === null,
      reason: mended,
      run: () => void files.save(),
    },
    {
      id: 'project.saveAs',
      label: () => t('commands.saveAs'),
      icon: SaveAll,
      shortcut: 'mod+shift+s',
      enabled: () => mended() === null,
      reason: mended,
      run: () => void files.saveAs(),
    },
    {
      id: 'project.share',
      label: () => t('commands.share'),
      icon: Share2,
      enabled: () => mended() === null,
      reason: mended,
      run: () => void files.share(),
    },
  ]
}
