import type { Part } from '#shared/project/parts'
import type { DataSettings } from '#shared/project/schema'
import type { ImageFolder } from '../storage/imageFolder'
import { splitMeant, type MeantFor, type SplitIndices } from '../storage/split'

export type SplitSettings = Pick<DataSettings, 'validationSplit' | 'testSplit' | 'splitSeed'>

/** What says which part each image is for, before chance deals with the rest. */
export interface ImageSplit {
  by: DataSettings['splitBy']
  /** Class by class, file by file. */
  meant: readonly MeantFor[]
  /** Parts that are not dealt by chance. */
  given: { validation: boolean; test: boolean }
}

/** All of it is dealt by chance. */
export function splitBySeed(counts: readonly number[]): ImageSplit {
  const meant = counts.map((count) => new Array<Part>(count).fill('training'))
  return { by: 'seed', meant, given: { validation: false, test: false } }
}

/** The part of an image is that of the sub-folder of the root it lies in. */
export function splitByFolders({ classes, parts }: ImageFolder): ImageSplit {
  const named = new Set(parts?.values())
  return {
    by: 'folders',
    meant: classes.map(({ files }) =>
      files.map((file) => parts?.get(file.slice(0, file.indexOf('/'))) ?? null),
    ),
    given: { validation: named.has('validation'), test: named.has('test') },
  }
}

/** Positions of the images of one class by part. `usable`: those of its files that are to be dealt, ascending. */
export function dealClass(
  split: ImageSplit,
  label: number,
  usable: readonly number[],
  { validationSplit, testSplit = 0, splitSeed }: SplitSettings,
): SplitIndices {
  const meant = split.meant[label] ?? []
  const own = usable.map((i) => meant[i] ?? null)
  const fractions = {
    validation: split.given.validation ? 0 : validationSplit,
    test: split.given.test ? 0 : testSplit,
  }
  const parts = splitMeant(own, fractions, splitSeed)
  const back = (part: Part) => parts[part].map((i) => usable[i] as number)
  return { training: back('training'), validation: back('validation'), test: back('test') }
}
