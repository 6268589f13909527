import { readFile } from 'node:fs/promises'
import { basename, dirname, extname, isAbsolute, relative, resolve, sep } from 'node:path'
import { InterlockError } from '#shared/issues/errors'
import { parseProject } from '#shared/project/parseProject'
import { projectProblems } from '#shared/project/projectProblems'
import type { ProjectFile } from '#shared/project/schema'
import { serialiseProject } from '#shared/project/serialiseProject'
import type { OpenedProject, ProjectService, RecentProject } from '#shared/rpc/services'
import { readError, writeFileAtomic } from '../storage/atomicFile'
import { readSettings, writeSettings } from '../storage/settingsFile'

/** Reads a project file as it is, with its problems. Throws as {@link ProjectService.open}. */
export async function readProjectFile(file: string): Promise<OpenedProject> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (thrown) {
    throw readError(file, thrown)
  }
  return { file: resolve(file), ...parseProject(text, file) }
}

/** Writes a sound project, its data folder relative to the file, with `/`. Throws PROJECT_INVALID, FILE_UNWRITABLE. */
export async function writeProjectFile(file: string, project: ProjectFile): Promise<void> {
  const problems = projectProblems(project)
  if (problems.length > 0)
    throw new InterlockError('PROJECT_INVALID', { file, problems: problems.join('; ') })
  const source =
    project.data.source === null ? null : portableSource(project.data.source, dirname(resolve(file)))
  await writeFileAtomic(file, serialiseProject({ ...project, data: { ...project.data, source } }))
}

/** A data folder relative to the project's folder, so that both can be moved together; as it is on another drive. */
export function portableSource(source: string, folder: string): string {
  if (!isAbsolute(source)) return source
  const path = relative(folder, source)
  if (path === '') return '.'
  return isAbsolute(path) ? source : path.split(sep).join('/')
}

/**
 * The project with its data folder as a full path, so that it still means the same folder when the project is saved elsewhere
 * (saving makes it relative again). A source of another kind or type stays as it is.
 */
function withPlace(project: ProjectFile, folder: string): ProjectFile {
  const source: unknown = project.data.source
  if (typeof source !== 'string' || source.startsWith('sample:') || source === '') return project
  return { ...project, data: { ...project.data, source: resolve(folder, source) } }
}

const maxRecent = 12

export class ProjectFiles implements ProjectService {
  async open(file: string): Promise<OpenedProject> {
    const opened = await readProjectFile(file)
    await this.remember(file, opened.project.name)
    return { ...opened, project: withPlace(opened.project, dirname(resolve(file))) }
  }

  async save(file: string, project: ProjectFile): Promise<void> {
    if (extname(file).toLowerCase() !== '.json') {
      throw new InterlockError('ARGUMENT_INVALID', {
        what: 'Project file',
        expected: 'a name ending in .json',
        found: basename(file),
      })
    }
    await writeProjectFile(file, project)
    await this.remember(file, project.name)
  }

  async recent(): Promise<RecentProject[]> {
    return (await readSettings()).recent
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
