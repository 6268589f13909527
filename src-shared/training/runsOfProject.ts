import type { RunState } from './runState'

/**
 * Whether a run is one of a project's: of the same file, whatever the project is called by now. A project that was not saved, when it
 * was trained or yet, is known by its name alone.
 */
export function isOfProject(
  { project, projectFile }: Pick<RunState, 'project' | 'projectFile'>,
  name: string,
  file: string | null,
): boolean {
  return projectFile !== undefined && file !== null ? projectFile === file : project.name === name
}
