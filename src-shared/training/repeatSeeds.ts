/** The same training several times, with seeds that follow each other: what differs between such runs is chance. */
import type { InterlockErrorData } from '../issues/errors'
import type { ProjectFile } from '../project/schema'

/** A run's place among those that differ by their seed only. */
export interface RunSeries {
  id: string
  /** From 1. */
  index: number
  count: number
  /** Of the last run that there is: why the next one could not start. */
  broken?: InterlockErrorData
}

/** The project of the run `index`, from 1: seed, seed + 1, … The split of the images has a seed of its own and stays. */
export function withSeed(project: ProjectFile, index: number): ProjectFile {
  // After the largest seed comes 0.
  const seed = (project.training.seed + index - 1) >>> 0
  return { ...project, training: { ...project.training, seed } }
}
