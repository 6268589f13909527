/** New, open, save: what happens to the project as a whole. Nothing is lost without being asked. */
import { toInterlockError } from '#shared/issues/errors'
import { projectOfText } from '#shared/export/projectOfText'
import type { ProjectFile } from '#shared/project/schema'
import type { OpenedProject } from '#shared/rpc/services'
import { t } from '../i18n'
import { services } from '../rpc'
import { ask, confirm } from '../frame/confirm'
import { useDataStore } from '../stores/dataStore'
import { useNoticeStore } from '../stores/noticeStore'
import { useProjectStore } from '../stores/projectStore'
import { useUiStore } from '../stores/uiStore'
import { pickPath } from './pathPicker'
import { refreshRecent } from './recentProjects'
import { emptyProject, fromTemplate } from './startProject'

const extension = '.interlock.json'

export function useProjectFiles() {
  const projects = useProjectStore()
  const data = useDataStore()
  const notices = useNoticeStore()
  const ui = useUiStore()

  async function mayDiscard(): Promise<boolean> {
    if (!projects.dirty) return true
    const answer = await ask({
      title: t('project.discard.title', { name: projects.project.name }),
      text: t('project.discard.text'),
      action: t('project.discard.action'),
      safe: t(projects.file ? 'commands.save' : 'commands.saveAs'),
    })
    if (answer !== 'safe') return answer === 'action'
    await save()
    // Not saved after all: the file could not be written, or no place for it was chosen.
    return !projects.dirty
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
    show(fromTemplate(name, data.summary, projects.data), null, true)
  }

  function showOpened({ project, file, version, problems }: OpenedProject): void {
    ui.templatesOpen = false
    show(project, file, false, problems)
    projects.version = version
    if (problems.length > 0) notices.info(t('project.openedWithProblems', { count: problems.length }))
  }

  async function openFile(file: string): Promise<void> {
    const opened = await notices.attempt(() => services().project.open(file))
    // A file that is not there any more is shown as missing from now on.
    void refreshRecent()
    if (!opened || !(await mayDiscard())) return
    showOpened(opened)
    if (opened.file === null) notices.info(t('project.openedModel'))
  }

  /** A file whose place is not known, as a browser hands it over: saving asks where. */
  async function openText(text: string, name: string): Promise<void> {
    const read = await notices.attempt(async () => projectOfText(text, name))
    if (!read || !(await mayDiscard())) return
    showOpened({ ...read, file: null, version: null })
    const { source } = read.project.data
    if (read.isModel) notices.info(t('project.openedModel'))
    else if (typeof source === 'string' && !source.startsWith('sample:'))
      notices.info(t('project.droppedWithoutPlace', { source }))
  }

  async function open(): Promise<void> {
    const file = await notices.attempt(() => pickPath({ kind: 'openProject', title: t('project.open') }))
    if (file) await openFile(file)
  }

  /** Runs `work` with what may be overwritten; where something else is there, asks and runs it again. Null: not done. */
  async function replacing<T>(
    replaces: string,
    file: string,
    work: (replaces: string) => Promise<T>,
  ): Promise<{ done: T } | null> {
    return notices.attempt(async () => {
      try {
        return { done: await work(replaces) }
      } catch (thrown) {
        if (toInterlockError(thrown).code !== 'FILE_CHANGED') throw thrown
        const known = replaces === 'nothing' ? 'project.fileThere' : 'project.fileChanged'
        const question = {
          title: t(`${known}.title`),
          text: t(`${known}.text`, { file }),
          action: t(`${known}.action`),
        }
        return (await confirm(question)) ? { done: await work('anything') } : null
      }
    })
  }

  async function write(file: string, replaces: string): Promise<void> {
    const written = projects.project
    const saved = await replacing(replaces, file, (allowed) =>
      services().project.save(file, written, allowed),
    )
    if (!saved) return
    projects.file = file
    projects.version = saved.done
    // An edit made in the meantime is not in the file.
    if (projects.project === written) projects.markSaved()
    notices.info(t('project.saved', { file }))
    void refreshRecent()
  }

  /** A chosen file, and what may be overwritten there: the system's own dialog has asked already. */
  async function pickTarget(title: string): Promise<{ file: string; replaces: string } | null> {
    const suggested = `${projects.project.name.replace(/[^\p{L}\p{N} _-]+/gu, '-')}${extension}`
    return notices.attempt(async () => {
      const asked = await services().dialog.native()
      const file = await pickPath({ kind: 'saveProject', title, suggested })
      if (!file) return null
      const whole = file.endsWith('.json') ? file : file + extension
      return { file: whole, replaces: asked && whole === file ? 'anything' : 'nothing' }
    })
  }

  async function saveAs(): Promise<void> {
    const target = await pickTarget(t('project.saveAs'))
    if (target) await write(target.file, target.replaces)
  }

  async function save(): Promise<void> {
    if (projects.file) await write(projects.file, projects.version ?? 'nothing')
    else await saveAs()
  }

  /** One file for other people: the project itself stays where it is. */
  async function share(): Promise<void> {
    const target = await pickTarget(t('project.share'))
    if (!target) return
    const { file, replaces } = target
    const saved = await replacing(replaces, file, (allowed) =>
      services().project.saveCopy(file, projects.project, allowed),
    )
    if (!saved) return
    const source = saved.done
    notices.info(source ? t('project.sharedWithout', { file, source }) : t('project.shared', { file }))
  }

  return { newProject, newFromTemplate, mayDiscard, open, openFile, openText, save, saveAs, share }
}
