import { smallestBatchSize } from '#shared/training/batchSizes'
import type { BlockFit, DataRequirements, FitReport } from '#shared/graph/fit'
import { inferShapes } from '#shared/graph/inferShapes'
import { InterlockError } from '#shared/issues/errors'
import type { DataSettings, ProjectFile } from '#shared/project/schema'
import type { DecodePool } from '../storage/decoding/decodePool'
import type { ImageTarget } from '../storage/fitPixels'
import { inspectSource } from './inspectSource'
import type { ImageSource } from './imageSource'

/**
 * The fit of a network with its images and batch size, when it may be trained.
 * Throws PROJECT_DOES_NOT_FIT with every problem, or CLASS_COUNT_MISMATCH when that is the only one.
 */
export async function checkProjectFits(
  project: ProjectFile,
  source: ImageSource,
  pool: DecodePool,
): Promise<FitReport> {
  const { bands, colour } = await inspectSource(source, pool)
  const requirements: DataRequirements = {
    classes: source.classes.length,
    bands,
    colour,
    batchSize: smallestBatchSize(project.training),
  }
  const report = inferShapes(project.graph, requirements)
  const errors = report.issues.filter(({ severity }) => severity === 'error')
  if (errors.length > 0 && errors.every(({ code }) => code === 'CLASS_COUNT_MISMATCH')) {
    const output = report.blocks.find(({ type }) => type === 'output')
    const found = output?.inputs[0]?.[0] ?? 0
    throw new InterlockError('CLASS_COUNT_MISMATCH', { found, expected: requirements.classes })
  }
  const problems = errors.map(({ blockId, message }) =>
    blockId === null ? message : `${blockId}: ${message}`,
  )
  const channels = inputBlock(report)?.output?.[2]
  if (errors.length === 0 && channels !== 1 && channels !== 3) {
    problems.push(
      `the input block asks for ${channels ?? 0} bands, images give 1 (grey) or 3 (red, green, blue)`,
    )
  }
  if (problems.length > 0) throw new InterlockError('PROJECT_DOES_NOT_FIT', { problems: problems.join(' ') })
  return report
}

/** What the images must become for a network that fits. */
export function imageTarget(report: FitReport, resize: DataSettings['resize']): ImageTarget {
  const [height, width, channels] = inputBlock(report)?.output ?? []
  if (height === undefined || width === undefined || channels === undefined) {
    throw new InterlockError('PROJECT_DOES_NOT_FIT', { problems: 'it has no input block.' })
  }
  return { height, width, channels, resize }
}

function inputBlock(report: FitReport): BlockFit | undefined {
  return report.blocks.find(({ type }) => type === 'input')
}
