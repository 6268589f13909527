/** New, open, save: what happens to the project as a whole. Nothing is lost without being asked. */
import { t } from '../i18n'
import { services } from '../rpc'
import { confirm } from '../frame/confirm'
import { useDataStore } from '../stores/dataStore'
import { useNoticeStore } from '../stores/noticeStore'
import { useProjectStore } from '../stores/projectStore'
import { useUiStore } from '../stores/uiStore'
import type { ProjectFile } from '#shared/project/schema'
import { pickPath } from './pathPicker'
import { emptyProject, fromTemplate } from './startProject'

const extension = '.interlock.json'

export function useProjectFiles() {
  const projects = useProjectStore()
  const data = useDataStore()
  const notices = useNoticeStore()
  const ui = useUiStore()

  async function mayDiscard(): Promise<boolean> {
    if (!projects.dirty) return true
    return confirm({
      title: t('project.discard.title', { name: projects.project.name }),
      text: t('project.discard.text'),
      action: t('project.discard.action'),
    })
  }

  function show(
    project: ProjectFile,
    file: string | null,
    arrange = false,
    problems: readonly string[] = [],
  ): void {
    ui.select()
    notices.clear()
    projects.load(project, file, arrange, problems)
    void data.inspect()
  }

  async function newProject(): Promise<void> {
    if (!(await mayDiscard())) return
    ui.templatesOpen = false
    // The images stay: most people begin anew with a network, not with other data.
    show({ ...emptyProject(), data: projects.data }, null)
  }

  /** A template fitted to the data in use: its classes and bands, and the input size the template is meant for. */
  async function newFromTemplate(name: string): Promise<void> {
    if (!(await mayDiscard())) return
    ui.templatesOpen = false
    show(fromTemplate(name, data.summary), null, true)
  }

  async function openFile(file: string): Promise<void> {
    const opened = await notices.attempt(() => services().project.open(file))
    if (!opened) return
    show(opened.project, opened.file, false, opened.problems)
    if (opened.problems.length > 0)
      notices.info(t('project.openedWithProblems', { count: opened.problems.length }))
  }

  async function open(): Promise<void> {
    if (!(await mayDiscard())) return
    const file = await notices.attempt(() => pickPath({ kind: 'openProject', title: t('project.open') }))
    if (file) await openFile(file)
  }

  async function write(file: string): Promise<void> {
    const saved = await notices.attempt(async () => {
      await services().project.save(file, projects.project)
      return true
    })
    if (!saved) return
    projects.file = file
    projects.markSaved()
    notices.info(t('project.saved', { file }))
  }

  async function saveAs(): Promise<void> {
    const suggested = `${projects.project.name.replace(/[^\p{L}\p{N} _-]+/gu, '-')}${extension}`
    const file = await notices.attempt(() =>
      pickPath({ kind: 'saveProject', title: t('project.saveAs'), suggested }),
    )
    if (file) await write(file.endsWith('.json') ? file : file + extension)
  }

  async function save(): Promise<void> {
    if (projects.file) await write(projects.file)
    else await saveAs()
  }

  return { newProject, newFromTemplate, open, openFile, save, saveAs }
}
