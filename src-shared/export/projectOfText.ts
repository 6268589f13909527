/** What the window opens: a project file, or the network of a model file as a project that has no file yet. */
import { modelFormat, modelGraph, readModel, type ModelFile } from './json'
import { newProject } from '../project/newProject'
import { parseProject, type ParsedProject } from '../project/parseProject'

export interface ProjectText extends ParsedProject {
  /** The file is a model, which saving must not overwrite. */
  isModel: boolean
}

/** Throws as `parseProject`, and as `readModel` where the text is a model file. */
export function projectOfText(text: string, name: string): ProjectText {
  if (!isModelText(text)) return { ...parseProject(text, name), isModel: false }
  return { project: projectOfModel(readModel(text, name)), problems: [], isModel: true }
}

function isModelText(text: string): boolean {
  try {
    return (JSON.parse(text) as { format?: unknown } | null)?.format === modelFormat
  } catch {
    return false
  }
}

/** Its network with the settings it was trained with. Where its images and their lists lie, a model does not say. */
function projectOfModel(model: ModelFile) {
  const { settings, split } = model.training
  const {
    root = null,
    splitBy = 'seed',
    blockSize = null,
    blockBuffer = null,
    testFiles: _testFiles,
    ...others
  } = split ?? {}
  const project = newProject({ name: model.name, graph: modelGraph(model) })
  return {
    ...project,
    data: {
      ...project.data,
      resize: model.preprocessing.resize,
      ...others,
      root,
      splitBy,
      blockSize,
      blockBuffer,
    },
    training: settings,
  }
}
