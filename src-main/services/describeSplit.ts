import { parts } from '#shared/project/parts'
import type { DataSettings } from '#shared/project/schema'
import type { RunSplit } from '#shared/training/runState'
import type { SplitIndices } from '../storage/split'
import type { ImageSource } from './imageSource'

/** What is kept of how a run's images were split. `dealt`: the images each part got. */
export function describeSplit(
  { folder, split, validation }: ImageSource,
  dealt: SplitIndices,
  data: DataSettings,
): RunSplit {
  const { by, given, blocks } = split
  const chance = by === 'blocks' || !given.validation || (!given.test && (data.testSplit ?? 0) > 0)
  const folders = parts.flatMap((part) =>
    Array.from(folder?.parts ?? []).flatMap(([name, of]) => (of === part ? [name] : [])),
  )
  const lists = [data.trainingList, data.validationList, data.testList].filter((list) => list !== null)
  return {
    root: folder?.root ?? null,
    by,
    counts: {
      training: dealt.training.length,
      validation: dealt.validation.length,
      test: dealt.test.length,
    },
    seed: folder !== null && chance ? data.splitSeed : null,
    names: by === 'folders' ? folders : by === 'lists' ? lists : [],
    blocks,
    validationSource: validation?.source ?? null,
  }
}
