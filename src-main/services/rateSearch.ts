import type { ExecutorChoice } from '#shared/engine/executor'
import type { ProjectFile } from '#shared/project/schema'
import { largestBatchSize } from '#shared/training/batchSizes'
import { classWeightsOf, requireKnownClasses } from '#shared/training/classWeights'
import type { RateCurve, RateSearch } from '#shared/training/rateSearch'
import type { ImageStore } from '../storage/gatherImages'
import { checkProjectFits } from './checkProjectFits'
import type { EngineClient } from './engineClient'
import { openSource, requireTwoClasses, sourceFolder } from './imageSource'
import { loadTrainingImages } from './loadImages'

export interface RateSearchOptions {
  project: ProjectFile
  /** As for a run. */
  projectFile: string | null
  executor: ExecutorChoice
  threads: number | null
  engine: EngineClient
  images: ImageStore
  /** Calls it off. */
  signal: AbortSignal
  onReading(done: number, total: number): void
  onTried(curve: RateCurve): void
}

/** Looks for a learning rate on the images that a training would take. Null when called off. Throws as the start of a run. */
export async function searchRate(options: RateSearchOptions): Promise<RateSearch | null> {
  const { project, executor, threads, engine, signal } = options
  const { training, graph, data } = project
  const source = await openSource(data.source, sourceFolder(options.projectFile), { data })
  requireTwoClasses(source)
  requireKnownClasses(
    training.classWeights,
    source.classes.map(({ name }) => name),
  )
  const { target } = await checkProjectFits(project, source, options.images.pool)
  try {
    const images = await loadTrainingImages(source, target, data, largestBatchSize(training), {
      images: options.images,
      signal,
      onProgress: options.onReading,
      onSkipped: () => undefined,
    })
    try {
      signal.throwIfAborted()
      return await engine.searchRate(
        {
          graph,
          training,
          executor,
          threads,
          trainingImages: images.training,
          normalisation: images.normalisation,
          classWeights: classWeightsOf(training.classWeights, images.classes, images.counts),
        },
        { signal, onTried: options.onTried },
      )
    } finally {
      await images.close()
    }
  } catch (thrown) {
    if (signal.aborted) return null
    throw thrown
  }
}
