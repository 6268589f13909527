import type { DataSettings } from '#shared/project/schema'
import type { DataSummary, SplitSummary } from '#shared/rpc/services'
import { isHeldOutDigit } from '../storage/digits'
import { partFolders, namedRoot, rootCandidates } from '../storage/classRoot'
import type { ScannedFolder } from '../storage/folderTree'
import type { DecodePool } from '../storage/decoding/decodePool'
import { parts, type Part } from '#shared/project/parts'
import { filesOf } from '../storage/imageFolder'
import { doubtBandOrder } from './doubtBandOrder'
import { dealClass, type SplitSettings } from './imageSplit'
import type { ImageSource } from './imageSource'
import { inspectSource } from './inspectSource'

const mostRoots = 200
const mostSkipped = 1000
const mostLists = 100

/** Everything a person sees of opened images before a training. `scanned` is what they were listed from. Throws DATA_NO_USABLE_IMAGE. */
export async function summariseData(
  source: ImageSource,
  scanned: ScannedFolder | null,
  data: DataSettings,
  pool: DecodePool,
): Promise<DataSummary> {
  const found = await inspectSource(source, pool)
  const { skipped, ...facts } = found
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
  const { folder, split } = source
  if (folder === null) {
    let first = 0
    const classes = source.classes.map(({ count }) => {
      const validation = rangeOf(first, count).filter(isHeldOutDigit).length
      first += count
      return { training: count - validation, validation, test: 0 }
    })
    return { by: 'seed', classes, notes: [], blocks: null, lists: [], folders: [] }
  }
  let first = 0
  const classes = source.classes.map(({ count }, label) => {
    const dealt = dealClass(split, label, rangeOf(0, count), data)
    const left = (part: Part) => dealt[part].filter((i) => !source.excluded.has(first + i)).length
    const own = { training: left('training'), validation: left('validation'), test: left('test') }
    first += count
    return own
  })
  const found = scanned && partFolders(namedRoot(scanned, folder.root).tree)
  const folders = parts.flatMap((part) => (found?.[part] ?? []).map(({ name }) => ({ name, part })))
  const lists = (scanned?.skipped ?? [])
    .map(({ file }) => file)
    .filter((file) => /\.(txt|csv|tsv|lst)$/i.test(file))
    .slice(0, mostLists)
  return { by: split.by, classes, notes: split.notes, blocks: split.blocks, lists, folders }
}
