import { InterlockError } from '#shared/issues/errors'
import { parts, type Part, type SplitBlocks } from '#shared/project/parts'
import type { DataSettings } from '#shared/project/schema'
import type { SplitNote } from '#shared/rpc/services'
import type { ImageFolder } from '../storage/imageFolder'
import { matchLists, type ListMatch } from '../storage/partLists'
import { splitByBlocks, type Box } from '../storage/spatialBlocks'
import type { TilePlaces } from './tilePlaces'
import { splitMeant, type MeantFor, type SplitIndices } from '../storage/split'

export type SplitSettings = Pick<DataSettings, 'validationSplit' | 'testSplit' | 'splitSeed'>

/** What says which part each image is for, before chance deals with the rest. */
export interface ImageSplit {
  by: DataSettings['splitBy']
  /** Class by class, file by file. */
  meant: readonly MeantFor[]
  /** Parts that are not dealt by chance. */
  given: { validation: boolean; test: boolean }
  notes: readonly SplitNote[]
  blocks: SplitBlocks | null
  /** Of a split by lists; null for any other. */
  listed: ListMatch['listed'] | null
}

/** All of it is dealt by chance. */
export function splitBySeed(counts: readonly number[]): ImageSplit {
  const meant = counts.map((count) => new Array<Part>(count).fill('training'))
  return {
    by: 'seed',
    meant,
    given: { validation: false, test: false },
    notes: [],
    blocks: null,
    listed: null,
  }
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
    notes: [],
    blocks: null,
    listed: null,
  }
}

const mostExamples = 100

/** At most one note: there is none of nothing. */
export function splitNote(kind: SplitNote['kind'], names: readonly string[]): SplitNote[] {
  return names.length === 0 ? [] : [{ kind, count: names.length, examples: names.slice(0, mostExamples) }]
}

/** Values for all files in a row, class by class. */
function byClass<T>({ classes }: ImageFolder, values: readonly T[]): T[][] {
  let first = 0
  return classes.map(({ files }) => values.slice(first, (first += files.length)))
}

/** The lines of each part's list; null where there is none. */
export type PartLists = Readonly<Record<Part, { name: string; lines: readonly string[] } | null>>

/** Lists say what an image is for. Throws DATA_NO_LISTS, DATA_LIST_UNMATCHED. */
export function splitByLists(folder: ImageFolder, lists: PartLists): ImageSplit {
  const files = folder.classes.flatMap((one) => one.files)
  const linesOf = (part: Part) => lists[part]?.lines ?? null
  const all = { training: linesOf('training'), validation: linesOf('validation'), test: linesOf('test') }
  if (parts.every((part) => all[part] === null)) throw new InterlockError('DATA_NO_LISTS')
  const { meant, listed, rest, ...left } = matchLists(files, all)
  for (const part of parts) {
    const list = lists[part]
    const unknown = new Set(left.unknown)
    if (list === null || list.lines.some((line) => !unknown.has(line))) continue
    const details = { list: list.name, count: list.lines.length, first: list.lines[0] ?? 'none, it is empty' }
    throw new InterlockError('DATA_LIST_UNMATCHED', { ...details, folder: folder.folder })
  }
  return {
    by: 'lists',
    meant: byClass(folder, meant),
    given: { validation: all.validation !== null, test: all.test !== null },
    notes: [
      ...splitNote(
        'unlisted',
        files.filter((_, i) => meant[i] === null),
      ),
      ...splitNote('unknown', left.unknown),
      ...splitNote('ambiguous', left.ambiguous),
      ...splitNote('repeated', left.repeated),
      ...(all.training === null && rest > 0 ? [{ kind: 'rest' as const, count: rest, examples: [] }] : []),
    ],
    blocks: null,
    listed,
  }
}

/** Blocks of the map say what an image is for. Throws DATA_FEW_BLOCKS. */
export function splitByPlace(
  folder: ImageFolder,
  { system, boxes }: TilePlaces,
  settings: SplitSettings & Pick<DataSettings, 'blockSize' | 'blockBuffer'>,
): ImageSplit {
  const labels = folder.classes.flatMap(({ files }, label) => files.map(() => label))
  const placed = Array.from(boxes.keys()).filter((i) => boxes[i] !== null)
  const tiles = placed.map((i) => ({ label: labels[i] as number, box: boxes[i] as Box }))
  const { validationSplit: validation, testSplit: test = 0, splitSeed } = settings
  const { blockSize: size, blockBuffer: buffer } = settings
  const found = splitByBlocks(tiles, { size, buffer }, { validation, test }, splitSeed)
  const { training, validation: validated, test: tested } = found.blocks
  const needed = test > 0 ? 3 : 2
  if (training === 0 || validated === 0 || (test > 0 && tested === 0)) {
    const details = { size: found.size, count: training + validated + tested, needed }
    throw new InterlockError('DATA_FEW_BLOCKS', { ...details, folder: folder.folder })
  }
  const meant = new Array<Part | null>(boxes.length).fill(null)
  placed.forEach((i, tile) => (meant[i] = found.meant[tile] ?? null))
  const files = folder.classes.flatMap((one) => one.files)
  return {
    by: 'blocks',
    meant: byClass(folder, meant),
    given: { validation: true, test: test > 0 },
    notes: [
      ...splitNote(
        'buffer',
        files.filter((_, i) => boxes[i] !== null && meant[i] === null),
      ),
      ...splitNote(
        'unreadable',
        files.filter((_, i) => boxes[i] === null),
      ),
    ],
    listed: null,
    blocks: { size: found.size, buffer: found.buffer, system, counts: found.blocks },
  }
}

/** Where other images are validated on, what is not kept for the test is trained on. */
export function validatedElsewhere(split: ImageSplit): ImageSplit {
  const meant = split.meant.map((own) => own.map((part) => (part === 'validation' ? 'training' : part)))
  return { ...split, meant, given: { ...split.given, validation: true } }
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
  const dealt = splitMeant(own, fractions, splitSeed)
  const back = (part: Part) => dealt[part].map((i) => usable[i] as number)
  return { training: back('training'), validation: back('validation'), test: back('test') }
}
