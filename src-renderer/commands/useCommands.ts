/** The one list of commands. A Pinia store only because it needs the other stores and must exist once. */
import { defineStore } from 'pinia'
import { markRaw } from 'vue'
import { useNoticeStore } from '../stores/noticeStore'
import { t } from '../i18n'
import type { Command } from './command'
import { editCommands } from './editCommands'
import { projectCommands } from './projectCommands'
import { trainingCommands } from './trainingCommands'
import { viewCommands } from './viewCommands'

export const useCommands = defineStore('commands', () => {
  const notices = useNoticeStore()
  const all: readonly Command[] = markRaw([
    ...projectCommands(),
    ...editCommands(),
    ...viewCommands(),
    ...trainingCommands(),
  ])
  const byId = new Map(all.map((item) => [item.id, item]))

  function command(id: string): Command {
    const found = byId.get(id)
    if (!found) throw new Error(`No command ${id}`)
    return found
  }

  /** Runs a command by id, from the keyboard, a menu or the native menu. One that is refused says why. */
  function run(id: string): void {
    const found = byId.get(id)
    if (!found) return
    if (found.enabled()) {
      found.run()
      return
    }
    const reason = found.reason?.()
    if (reason) notices.info(t('commands.refused', { command: found.label(), reason }))
  }

  return { all, command, run }
})
