import type { Normalisation } from '#shared/engine/tensors'
import type { ModelParts, ModelSplit } from '#shared/export/json'
import type { FitReport } from '#shared/graph/fit'
import type { DataSettings, ProjectFile } from '#shared/project/schema'
import type { RunState } from '#shared/training/runState'
import { resizeFilter, type ImageTarget } from '../storage/fitPixels'
import type { ImageSource } from './imageSource'
import { digitsSource } from '../storage/digits'

interface ModelOf {
  target: ImageTarget
  bandNames: readonly string[]
  project: ProjectFile
  /** The images it was trained on. */
  dataSource: ImageSource
  fit: FitReport
  state: RunState
  normalisation: Normalisation
  version: string
  /** Whose weights these are; 0 when no epoch was finished. */
  epoch: number
}

/** Everything a model file says besides its weights, for the weights of one epoch of a run. */
export function modelParts({
  project,
  dataSource,
  fit,
  target,
  bandNames,
  state,
  normalisation,
  version,
  epoch,
}: ModelOf): ModelParts {
  const metrics = state.epochs.find((one) => one.epoch === epoch)
  const { source } = project.data
  return {
    name: project.name,
    graph: project.graph,
    fits: fit.blocks,
    classes: state.classes,
    preprocessing: { ...preparation(target, bandNames), ...normalisation },
    training: {
      settings: project.training,
      split: source === digitsSource ? null : splitOf(project.data, dataSource),
      images: state.images ?? { training: 0, validation: 0 },
      epoch,
      bestEpoch: state.best?.epoch ?? epoch,
      loss: finite(metrics?.loss),
      accuracy: finite(metrics?.accuracy),
      valLoss: finite(metrics?.valLoss),
      valAccuracy: finite(metrics?.valAccuracy),
      executor: state.executor?.name ?? '',
      startedAt: state.startedAt,
      versions: { interlock: version },
    },
  }
}

/** How the images were split, without what stands for itself. */
function splitOf(data: DataSettings, source: ImageSource): ModelSplit {
  const { validationSplit, testSplit, splitSeed, root, splitBy } = data
  const { blocks, meant } = source.split
  const files = source.folder?.classes.flatMap((one) => one.files) ?? []
  const parts = meant.flat()
  return {
    validationSplit,
    ...(testSplit === undefined ? {} : { testSplit }),
    splitSeed,
    ...(root === null ? {} : { root }),
    ...(splitBy === 'seed' ? {} : { splitBy }),
    ...(blocks === null ? {} : { blockSize: blocks.size, blockBuffer: blocks.buffer }),
    ...(splitBy === 'lists' ? { testFiles: files.filter((_, i) => parts[i] === 'test') } : {}),
  }
}

/** How images are prepared for a model, all but their normalisation. */
export function preparation(
  { resize, numbers, bands }: ImageTarget,
  bandNames: readonly string[],
): Omit<ModelParts['preprocessing'], 'mean' | 'std'> {
  const formulas = bands?.wanted.flatMap(({ name, formula }) =>
    formula === null ? [] : [[name, formula] as const],
  )
  return {
    resize,
    filter: resizeFilter,
    bands: [...bandNames],
    ...(numbers === undefined || numbers === 'uint8' ? {} : { numbers }),
    ...(bands ? { storedBands: [...bands.stored] } : {}),
    ...(formulas && formulas.length > 0 ? { formulas: Object.fromEntries(formulas) } : {}),
  }
}

/** JSON has no NaN. */
function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null
}
