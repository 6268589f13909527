import { InterlockError } from '#shared/issues/errors'
import { inferShapes } from '#shared/graph/inferShapes'
import type { ProjectFile } from '#shared/project/schema'
import { unitNormalisation } from '../storage/measureNormalisation'
import { bandNames } from '#shared/data/imageFacts'
import { inputSize } from './checkProjectFits'
import type { EngineClient } from './engineClient'
import type { Exportable } from './exportModel'
import { preparation } from './modelParts'
import { openSource, sourceFolder } from './imageSource'

/**
 * A project as a model that has learnt nothing: the weights a run with its seed would start with, pixels between 0 and 1.
 * Classes are those of its data where that can be read, else numbers. Throws PROJECT_DOES_NOT_FIT.
 */
export async function untrainedModel(
  engine: EngineClient,
  project: ProjectFile,
  projectFile: string,
  version: string,
): Promise<Exportable> {
  const { graph, data, training } = project
  const fit = inferShapes(graph)
  const errors = fit.issues.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) {
    const problems = errors.map(({ blockId, message }) =>
      blockId === null ? message : `${blockId}: ${message}`,
    )
    throw new InterlockError('PROJECT_DOES_NOT_FIT', { problems: problems.join(' ') })
  }
  const outputs = fit.blocks.find(({ type }) => type === 'output')?.output?.[0] ?? 0
  const source = await openSource(data.source, sourceFolder(projectFile), {
    data: { ...data, splitBy: data.splitBy === 'folders' ? 'folders' : 'seed' },
  }).catch(() => null)
  const named = source?.classes.length === outputs ? source.classes.map(({ name }) => name) : null
  const classes = named ?? Array.from({ length: outputs }, (_, i) => String(i))
  const size = inputSize(fit)
  const parts = {
    name: project.name,
    graph,
    fits: fit.blocks,
    classes,
    preprocessing: {
      ...preparation({ ...size, resize: data.resize }, bandNames(size.channels)),
      ...unitNormalisation(size.channels),
    },
    training: {
      settings: training,
      split: null,
      images: { training: 0, validation: 0 },
      epoch: 0,
      bestEpoch: 0,
      loss: null,
      accuracy: null,
      valLoss: null,
      valAccuracy: null,
      executor: '',
      startedAt: new Date().toISOString(),
      versions: { interlock: version },
    },
  }
  return { parts, weights: await engine.initialise(graph, training.seed) }
}
