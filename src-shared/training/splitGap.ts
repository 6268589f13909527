/**
 * How much of an accuracy comes from tiles that lie beside those learnt: the same training on the same images, once split by chance and
 * once by blocks of the map.
 */
import type { InterlockErrorData } from '../issues/errors'
import type { ProjectFile } from '../project/schema'
import type { RunState } from './runState'

export type ComparedSplit = 'seed' | 'blocks'

/** A run's place in such a comparison: both runs share the id. */
export interface SplitPair {
  id: string
  by: ComparedSplit
  /** Why the second run could not begin. */
  broken?: InterlockErrorData
}

export const comparedSplits: readonly ComparedSplit[] = ['seed', 'blocks']

/** The project of one of the two runs. Both hold out a part of the images themselves. */
export function withSplit(project: ProjectFile, splitBy: ComparedSplit): ProjectFile {
  return { ...project, data: { ...project.data, splitBy, validationSource: null } }
}

export interface SplitAccuracy {
  valAccuracy: number
  images: number
  validationImages: number
}

export interface SplitGap extends Readonly<Record<ComparedSplit, SplitAccuracy>> {
  /** Accuracy by chance less that by blocks. */
  gap: number
  /**
   * Of the gap, from the number of validation images alone: each accuracy is a share p of n images, whose variance is p (1 − p) / n,
   * and the two are of different images. What another seed or other blocks change comes on top.
   */
  standardError: number
  /** Beyond two standard errors: chance flatters the network, or the blocks do. */
  verdict: 'flattered' | 'alike' | 'reverse'
}

/** Null while one of the runs has not finished an epoch. */
export function splitGap(bySeed: RunState, byBlocks: RunState): SplitGap | null {
  const [seed, blocks] = [accuracyOf(bySeed), accuracyOf(byBlocks)]
  if (seed === null || blocks === null) return null
  const gap = seed.valAccuracy - blocks.valAccuracy
  const standardError = Math.sqrt(varianceOf(seed) + varianceOf(blocks))
  const verdict = Math.abs(gap) <= 2 * standardError ? 'alike' : gap > 0 ? 'flattered' : 'reverse'
  return { seed, blocks, gap, standardError, verdict }
}

function accuracyOf({ best, images }: RunState): SplitAccuracy | null {
  if (best === null || images === null) return null
  return { valAccuracy: best.valAccuracy, images: images.training, validationImages: images.validation }
}

const varianceOf = ({ valAccuracy, validationImages }: SplitAccuracy) =>
  (valAccuracy * (1 - valAccuracy)) / validationImages
