import type { DataSettings } from '#shared/project/schema'
import type { DataSummary, SplitSummary } from '#shared/rpc/services'
import { isHeldOutDigit } from '../storage/digits'
import { partFolders, namedRoot, rootCandidates } from '../storage/classRoot'
import type { ScannedFolder } from '../storage/folderTree'
import type { DecodePool } from '../storage/decoding/decodePool'
import { parts, type Part } from '#shared/project/parts'
import { filesOf } from '../storage/imageFolder'
import { doubtBandOrder } from './doubtBandOrder'
import type { SplitIndices } from '../storage/split'
import { dealClass, splitNote, type SplitSettings } from './imageSplit'
import type { ImageSource } from './imageSource'
import { inspectSource, inspectValidation } from './inspectSource'

const mostRoots = 200
const mostSkipped = 1000
const mostLists = 100

/** Everything a person sees of opened images before a training. `scanned` is what they were listed from. Throws DATA_NO_USABLE_IMAGE, DATA_VALIDATION_DIFFERS. */
export async function summariseData(
  source: ImageSource,
  scanned: ScannedFolder | null,
  data: DataSettings,
  pool: DecodePool,
): Promise<DataSummary> {
  const found = await inspectSource(source, pool)
  const { skipped: own, ...facts } = found
  const others = source.validation && (await inspectValidation(source.validation, found, data, pool))
  const skipped = [...own, ...(others?.skipped ?? [])]
  const { folder, excluded } = source
  let first = 0
  const classes = source.classes.map(({ name, count }) => {
    const left = rangeOf(first, count).filter((i) => !excluded.has(i)).length
    first += count
    return { name, count: left }
  })
  const bandDoubt = folder === null ? null : await doubtBandOrder(filesOf(folder), found, data, pool)
  return {
    source: source.source,
    root: folder?.root ?? '.',
    roots: folder === null || scanned === null ? [] : rootCandidates(scanned).slice(0, mostRoots),
    split: summariseSplit(source, scanned, data),
    classes,
    images: classes.reduce((sum, { count }) => sum + count, 0),
    excluded: excluded.size,
    ...facts,
    bandDoubt,
    skipped: skipped.slice(0, mostSkipped),
    skippedMore: Math.max(0, skipped.length - mostSkipped),
  }
}

const rangeOf = (first: number, count: number) => Array.from({ length: count }, (_, i) => first + i)

function summariseSplit(
  source: ImageSource,
  scanned: ScannedFolder | null,
  data: SplitSettings,
): SplitSummary {
  const { folder, split, validation } = source
  const other = new Map(validation?.classes.map(({ name, count }) => [name, count]))
  let first = 0
  const classes = source.classes.map(({ name, count }, label) => {
    const dealt =
      folder === null ? digitParts(first, count) : dealClass(split, label, rangeOf(0, count), data)
    const left = (part: Part) => dealt[part].filter((i) => !source.excluded.has(first + i)).length
    const validated = validation === null ? left('validation') : (other.get(name) ?? 0)
    const own = { training: left('training'), validation: validated, test: left('test') }
    first += count
    return own
  })
  const without = source.classes.filter((_, label) => classes[label]?.validation === 0)
  const notes = [
    ...split.notes,
    ...splitNote(
      'notValidated',
      without.map(({ name }) => name),
    ),
  ]
  if (folder === null)
    return { by: 'seed', classes, notes, blocks: null, listed: null, lists: [], folders: [] }
  const found = scanned && partFolders(namedRoot(scanned, folder.root).tree)
  const folders = parts.flatMap((part) => (found?.[part] ?? []).map(({ name }) => ({ name, part })))
  const lists = (scanned?.skipped ?? [])
    .map(({ file }) => file)
    .filter((file) => /\.(txt|csv|tsv|lst)$/i.test(file))
    .slice(0, mostLists)
  return { by: split.by, classes, notes, blocks: split.blocks, listed: split.listed, lists, folders }
}

/** Of the digits of one class, the first of which is the `first` of all. */
function digitParts(first: number, count: number): SplitIndices {
  const heldOut = (i: number) => isHeldOutDigit(first + i)
  const own = rangeOf(0, count)
  return { training: own.filter((i) => !heldOut(i)), validation: own.filter(heldOut), test: [] }
}
