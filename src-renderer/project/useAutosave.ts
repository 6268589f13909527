/**
 * Keeps the project on screen. The tab's own storage takes it through a reload, at once and without a connection; the main
 * side keeps unsaved changes through everything else, also where the next start serves the window from another port.
 */
import { useEventListener, watchDebounced } from '@vueuse/core'
import { watch } from 'vue'
import type { ProjectFile } from '#shared/project/schema'
import { keptProject } from '#shared/project/parseProject'
import { projectFormat, projectVersion } from '#shared/project/schema'
import { connectionState, services } from '../rpc'
import { useNoticeStore } from '../stores/noticeStore'
import { useProjectStore } from '../stores/projectStore'
import { refreshRecoverable } from './recovery'
import { startProject } from './startProject'

const contentKey = 'interlock.workingProject'
const idKey = 'interlock.window'

interface Working {
  project: ProjectFile
  file: string | null
  /** `projectStore.version`: a file changed in the meantime is noticed after a reload too. */
  version: string | null
  dirty: boolean
  /** `projectStore.unkept`: saving stays refused after a reload too. */
  unkept: readonly string[]
}

/** Taken out while the page lives: a tab that is duplicated copies the storage, and must not keep under the same id. */
function takeId(): string {
  const id = sessionStorage.getItem(idKey) ?? crypto.randomUUID()
  sessionStorage.removeItem(idKey)
  return id
}

export function useAutosave(): void {
  const projects = useProjectStore()
  const notices = useNoticeStore()
  const id = takeId()
  let keeping = false
  let again = false
  let failed = false

  function content(): string {
    const { project, file, version, dirty, unkept } = projects
    const working: Working = { project, file, version, dirty, unkept }
    return JSON.stringify(working)
  }

  function keepHere(): void {
    try {
      sessionStorage.setItem(contentKey, content())
    } catch (thrown) {
      console.warn(thrown)
    }
  }

  async function keepOnce(): Promise<void> {
    try {
      const { recovery } = services()
      if (projects.dirty)
        await recovery.keep(id, projects.project.name.slice(0, 200), projects.file, content())
      else await recovery.drop(id)
      failed = false
    } catch (thrown) {
      // Said once; the banner tells of a lost connection.
      if (!failed && connectionState.value === 'connected') notices.error(thrown)
      failed = true
    }
  }

  /** One write after the other, the last with the newest state. Without a connection it waits for the next. */
  async function keepOnDisk(): Promise<void> {
    again = true
    if (keeping) return
    keeping = true
    while (again && connectionState.value === 'connected') {
      again = false
      await keepOnce()
    }
    keeping = false
  }

  watchDebounced(
    [() => projects.project, () => projects.file, () => projects.dirty, () => projects.unkept],
    () => {
      keepHere()
      void keepOnDisk()
    },
    { debounce: 300, maxWait: 2000 },
  )
  watch(
    connectionState,
    (state) => {
      // Its own first: what is kept by no window is offered.
      if (state === 'connected') void keepOnDisk().then(refreshRecoverable)
    },
    { immediate: true },
  )
  useEventListener(window, 'pagehide', () => {
    keepHere()
    sessionStorage.setItem(idKey, id)
  })
  // Back from the browser's page cache, the page lives on.
  useEventListener(window, 'pageshow', () => sessionStorage.removeItem(idKey))
  useEventListener(window, 'beforeunload', (event) => {
    if (projects.dirty) event.preventDefault()
  })
}

/** Takes the project up again where it was left; at first, or where that cannot be read, shows the start project. */
export function restoreProject(): void {
  if (!showWorking(sessionStorage.getItem(contentKey))) useProjectStore().load(startProject(), null, true)
}

/** Shows what `useAutosave` kept; false where it cannot be read. */
export function showWorking(kept: string | null): boolean {
  const projects = useProjectStore()
  try {
    const working = JSON.parse(kept ?? 'null') as Working | null
    const project = working?.project
    if (!working || project?.format !== projectFormat || project.version > projectVersion) return false
    if (!Array.isArray(project.graph.blocks) || !Array.isArray(project.graph.connections)) return false
    projects.load(keptProject({ ...project }), working.file, false, working.unkept ?? [])
    projects.version = working.version ?? null
    if (working.dirty) projects.markUnsaved()
    return true
  } catch (thrown) {
    console.warn(thrown)
    return false
  }
}
