/**
 * The problems of a project on screen, worked out after every edit: blocks and connections that were found sound before are
 * not looked at again, as long as they are the same objects.
 */
import { projectProblems } from '#shared/project/projectProblems'
import type { ProjectFile } from '#shared/project/schema'

export function rememberSound(): (project: ProjectFile) => readonly string[] {
  const sound = new WeakSet<object>()
  const isNew = (part: object) => !sound.has(part)

  return (project) => {
    const { graph } = project
    const blocks = graph.blocks.filter(isNew)
    const connections = graph.connections.filter(isNew)
    const ids = new Set(graph.blocks.map((block) => block.id))
    const rest = { ...project, graph: { ...graph, blocks, connections } }
    // Positions in the texts are those of the file, so a problem is written by a look at the whole.
    if (ids.size < graph.blocks.length || projectProblems(rest).length > 0) return projectProblems(project)
    for (const part of [...blocks, ...connections]) sound.add(part)
    return []
  }
}
