/** Images a step, which may change from an epoch on. */
import type { TrainingSettings } from './settings'

type Sizes = Pick<TrainingSettings, 'batchSize' | 'batchSizes'>

/** Images a step of an epoch, counted from 1. */
export function batchSizeOf({ batchSize, batchSizes }: Sizes, epoch: number): number {
  let size = batchSize
  let since = 0
  for (const change of batchSizes) {
    if (change.fromEpoch > epoch || change.fromEpoch < since) continue
    size = change.batchSize
    since = change.fromEpoch
  }
  return size
}

/** What memory is needed for. */
export function largestBatchSize({ batchSize, batchSizes }: Sizes): number {
  return Math.max(batchSize, ...batchSizes.map((change) => change.batchSize))
}

/** What batch statistics are taken over at least. */
export function smallestBatchSize({ batchSize, batchSizes }: Sizes): number {
  return Math.min(batchSize, ...batchSizes.map((change) => change.batchSize))
}
