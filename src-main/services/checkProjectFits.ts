import { chooseBands, offerBands } from '#shared/data/bandChoice'
import { bandNames } from '#shared/data/imageFacts'
import { smallestBatchSize } from '#shared/training/batchSizes'
import type { BlockFit, DataRequirements, FitReport } from '#shared/graph/fit'
import { inferShapes } from '#shared/graph/inferShapes'
import { InterlockError } from '#shared/issues/errors'
import type { DataSettings, ProjectFile } from '#shared/project/schema'
import type { DecodePool } from '../storage/decoding/decodePool'
import type { ImageTarget } from '../storage/fitPixels'
import { inspectSource, inspectValidation, type SourceFacts } from './inspectSource'
import type { ImageSource } from './imageSource'

/** A network that may be trained with its images, and what these must become for it. */
export interface FittingProject {
  fit: FitReport
  target: ImageTarget
  /** Of the bands that reach the network. */
  bandNames: readonly string[]
}

/** What images become for a network's input. Throws BAND_UNKNOWN, BAND_NAMES_DIFFER. */
export function targetOf(
  size: Pick<ImageTarget, 'height' | 'width' | 'channels'>,
  found: Pick<SourceFacts, 'bandNames' | 'numbers'>,
  data: DataSettings,
): ImageTarget {
  const bands = chooseBands(found.bandNames, data)
  const computes = bands?.wanted.some(({ formula }) => formula !== null) ?? false
  return { ...size, resize: data.resize, numbers: computes ? 'float32' : found.numbers, bands }
}

/**
 * Checks a network with its images and batch size. Throws PROJECT_DOES_NOT_FIT with every problem, CLASS_COUNT_MISMATCH when that
 * is the only one, BAND_UNKNOWN, BAND_NAMES_DIFFER, DATA_VALIDATION_DIFFERS.
 */
export async function checkProjectFits(
  project: ProjectFile,
  source: ImageSource,
  pool: DecodePool,
): Promise<FittingProject> {
  const { data } = project
  const found = await inspectSource(source, pool)
  if (source.validation !== null) await inspectValidation(source.validation, found, data, pool)
  const offered = offerBands(found, data)
  const requirements: DataRequirements = {
    classes: source.classes.length,
    bands: offered.names.length,
    exactBands: offered.exact,
    colour: offered.colour,
    batchSize: smallestBatchSize(project.training),
  }
  const fit = inferShapes(project.graph, requirements)
  const errors = fit.issues.filter(({ severity }) => severity === 'error')
  if (errors.length > 0 && errors.every(({ code }) => code === 'CLASS_COUNT_MISMATCH')) {
    const output = fit.blocks.find(({ type }) => type === 'output')
    const found = output?.inputs[0]?.[0] ?? 0
    throw new InterlockError('CLASS_COUNT_MISMATCH', { found, expected: requirements.classes })
  }
  const problems = errors.map(({ blockId, message }) =>
    blockId === null ? message : `${blockId}: ${message}`,
  )
  if (problems.length > 0) throw new InterlockError('PROJECT_DOES_NOT_FIT', { problems: problems.join(' ') })
  const size = inputSize(fit)
  return {
    fit,
    target: targetOf(size, found, data),
    bandNames: offered.names.length === size.channels ? offered.names : bandNames(size.channels),
  }
}

/** What the input block asks for, of a network that fits. */
export function inputSize(report: FitReport): Pick<ImageTarget, 'height' | 'width' | 'channels'> {
  const input: BlockFit | undefined = report.blocks.find(({ type }) => type === 'input')
  const [height, width, channels] = input?.output ?? []
  if (height === undefined || width === undefined || channels === undefined) {
    throw new InterlockError('PROJECT_DOES_NOT_FIT', { problems: 'it has no input block.' })
  }
  return { height, width, channels }
}
