/** Keeps the project on screen in the browser's storage, so that closing or reloading the window loses nothing. */
import { useEventListener, watchDebounced } from '@vueuse/core'
import type { ProjectFile } from '#shared/project/schema'
import { keptProject } from '#shared/project/parseProject'
import { projectFormat, projectVersion } from '#shared/project/schema'
import { startProject } from './startProject'
import { useProjectStore } from '../stores/projectStore'

const key = 'interlock.workingProject'

interface Working {
  project: ProjectFile
  file: string | null
  dirty: boolean
  /** `projectStore.unkept`: saving stays refused after a reload too. */
  unkept: readonly string[]
}

export function useAutosave(): void {
  const projects = useProjectStore()
  function keep(): void {
    const { project, file, dirty, unkept } = projects
    const working: Working = { project, file, dirty, unkept }
    localStorage.setItem(key, JSON.stringify(working))
  }
  watchDebounced(
    [() => projects.project, () => projects.file, () => projects.dirty, () => projects.unkept],
    keep,
    {
      debounce: 300,
      maxWait: 2000,
    },
  )
  useEventListener(window, 'pagehide', keep)
}

/** Takes the project up again where it was left; at first, or where that cannot be read, shows the start project. */
export function restoreProject(): void {
  const projects = useProjectStore()
  if (!restored(projects)) projects.load(startProject(), null, true)
}

function restored(projects: ReturnType<typeof useProjectStore>): boolean {
  try {
    const working = JSON.parse(localStorage.getItem(key) ?? 'null') as Working | null
    const project = working?.project
    if (!working || project?.format !== projectFormat || project.version > projectVersion) return false
    if (!Array.isArray(project.graph.blocks) || !Array.isArray(project.graph.connections)) return false
    projects.load(keptProject({ ...project }), working.file, false, working.unkept ?? [])
    if (working.dirty) projects.markUnsaved()
    return true
  } catch (thrown) {
    console.warn(thrown)
    return false
  }
}
