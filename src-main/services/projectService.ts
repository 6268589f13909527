import { createHash } from 'node:crypto'
import { access, readFile } from 'node:fs/promises'
import { basename, dirname, extname, isAbsolute, relative, resolve, sep } from 'node:path'
import { InterlockError } from '#shared/issues/errors'
import { parseProject } from '#shared/project/parseProject'
import { projectOfText } from '#shared/export/projectOfText'
import { projectProblems } from '#shared/project/projectProblems'
import type { DataSettings, ProjectFile } from '#shared/project/schema'
import { serialiseProject } from '#shared/project/serialiseProject'
import type { OpenedProject, ProjectService, RecentProject } from '#shared/rpc/services'
import { readError, writeFileAtomic } from '../storage/atomicFile'
import { readSettings, writeSettings } from '../storage/settingsFile'

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (thrown) {
    throw readError(file, thrown)
  }
}

/** The content itself decides, since copying and version control set times as they like. */
function versionOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** Reads a project file as it is, with its problems. Throws PROJECT_*, FILE_NOT_FOUND, FILE_UNREADABLE. */
export async function readProjectFile(file: string): Promise<OpenedProject & { file: string }> {
  const text = await readText(file)
  return { file: resolve(file), version: versionOf(text), ...parseProject(text, file) }
}

/**
 * Writes a sound project, its data folder relative to the file, with `/`, and answers the version written. Throws
 * PROJECT_INVALID, FILE_UNWRITABLE.
 */
export async function writeProjectFile(file: string, project: ProjectFile): Promise<string> {
  const problems = projectProblems(project)
  if (problems.length > 0)
    throw new InterlockError('PROJECT_INVALID', { file, problems: problems.join('; ') })
  const data = withPaths(project.data, (path) => portableSource(path, dirname(resolve(file))))
  const text = serialiseProject({ ...project, data })
  await writeFileAtomic(file, text)
  return versionOf(text)
}

/** Throws FILE_CHANGED where a file is there that may not be overwritten; see {@link ProjectService.save}. */
async function checkReplaces(file: string, replaces: string): Promise<void> {
  if (replaces === 'anything') return
  const text = await readText(file).catch((thrown: unknown) => {
    if (thrown instanceof InterlockError && thrown.code === 'FILE_NOT_FOUND') return null
    throw thrown
  })
  if (text !== null && versionOf(text) !== replaces) throw new InterlockError('FILE_CHANGED', { file })
}

/** A data folder relative to the project's folder, so that both can be moved together; as it is on another drive. */
export function portableSource(source: string, folder: string): string {
  if (!isAbsolute(source)) return source
  const path = relative(folder, source)
  if (path === '') return '.'
  return isAbsolute(path) ? source : path.split(sep).join('/')
}

/** Settings that name a place on disk. */
const pathSettings = ['source', 'validationSource', 'trainingList', 'validationList', 'testList'] as const

/** Data settings with every path replaced; a sample, none, and what is no path at all stay. */
function withPaths(data: DataSettings, change: (path: string) => string | null): DataSettings {
  const changed = { ...data }
  for (const name of pathSettings) {
    const path: unknown = data[name]
    if (typeof path === 'string' && path !== '' && !path.startsWith('sample:')) changed[name] = change(path)
  }
  return changed
}

/**
 * The project with its data folders and lists as full paths, so that they still mean the same when the project is saved elsewhere
 * (saving makes them relative again).
 */
function withPlace(project: ProjectFile, folder: string): ProjectFile {
  return { ...project, data: withPaths(project.data, (path) => resolve(folder, path)) }
}

const maxRecent = 12

export class ProjectFiles implements ProjectService {
  async open(file: string): Promise<OpenedProject> {
    const path = resolve(file)
    const text = await readText(file)
    const { project, problems, isModel } = projectOfText(text, file)
    if (isModel) return { file: null, version: null, project, problems }
    await this.remember(path, project.name)
    return { file: path, version: versionOf(text), project: withPlace(project, dirname(path)), problems }
  }

  async save(file: string, project: ProjectFile, replaces: string): Promise<string> {
    if (extname(file).toLowerCase() !== '.json') {
      throw new InterlockError('ARGUMENT_INVALID', {
        what: 'Project file',
        expected: 'a name ending in .json',
        found: basename(file),
      })
    }
    await checkReplaces(file, replaces)
    const version = await writeProjectFile(file, project)
    await this.remember(file, project.name)
    return version
  }

  async saveCopy(file: string, project: ProjectFile, replaces: string): Promise<string | null> {
    const { source } = project.data
    const elsewhere = (path: string) => isElsewhere(portableSource(path, dirname(resolve(file))))
    const leftOut = source !== null && elsewhere(source) ? source : null
    const data = withPaths(project.data, (path) => (elsewhere(path) ? null : path))
    const copy = { ...project, data }
    await this.save(file, copy, replaces)
    return leftOut
  }

  async recent(): Promise<RecentProject[]> {
    const { recent } = await readSettings()
    return Promise.all(
      recent.map(async (entry) => ({
        ...entry,
        missing: await access(entry.file).then(
          () => false,
          () => true,
        ),
      })),
    )
  }

  async forgetRecent(file: string): Promise<void> {
    const settings = await readSettings()
    await writeSettings({ ...settings, recent: settings.recent.filter((one) => one.file !== file) })
  }

  /** The list is a convenience: a full disk must not keep a project from opening. */
  private async remember(file: string, name: string): Promise<void> {
    const path = resolve(file)
    const settings = await readSettings()
    const entry = { file: path, name, openedAt: new Date().toISOString() }
    const others = settings.recent.filter((one) => one.file !== path)
    const recent = [entry, ...others].slice(0, maxRecent)
    await writeSettings({ ...settings, recent }).catch(() => undefined)
  }
}

/** Whether a portable source leads out of the folder it is relative to. */
function isElsewhere(source: string): boolean {
  return isAbsolute(source) || source === '..' || source.startsWith('../')
}
