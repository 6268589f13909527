import { InterlockError } from '#shared/issues/errors'
import type { ProjectFile } from '#shared/project/schema'
import { readProjectFile } from '../services/projectService'

/** A project without problems. Throws PROJECT_INVALID, naming each, and as the reader. */
export async function readSoundProject(file: string): Promise<ProjectFile> {
  const { project, problems } = await readProjectFile(file)
  if (problems.length > 0)
    throw new InterlockError('PROJECT_INVALID', { file, problems: problems.join('; ') })
  return project
}
