import type { Graph } from '../graph/types'
import { dataSchema, projectFormat, projectVersion, type DataSettings, type ProjectFile } from './schema'
import { trainingSchema, type TrainingSettings } from '../training/settings'

export interface ProjectParts {
  name?: string
  graph?: Graph
  data?: Partial<DataSettings>
  training?: Partial<TrainingSettings>
}

/** An input and an output, not connected yet. */
const emptyGraph: Graph = {
  blocks: [
    { id: 'input', type: 'input', params: { height: 28, width: 28, channels: 1 }, position: [0, 0] },
    { id: 'output', type: 'output', params: {}, position: [960, 0] },
  ],
  connections: [],
  groups: [],
  notes: [],
}

/** A project with defaults for everything not given. */
export function newProject({
  name = 'Untitled',
  graph = emptyGraph,
  data,
  training,
}: ProjectParts = {}): ProjectFile {
  return {
    format: projectFormat,
    version: projectVersion,
    name,
    graph,
    data: { ...dataSchema.parse({}), ...data },
    training: { ...trainingSchema.parse({}), ...training },
  }
}
