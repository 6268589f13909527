import { partNamedClasses, parts, type Part, type SplitBlocks } from '#shared/project/parts'
import type { SplitFallback } from '#shared/evaluation/summary'
import type { DataSummary, SplitNote } from '#shared/rpc/services'
import type { RunSplit } from '#shared/training/runState'
import { grouped } from './terminal'

const noteTexts: Readonly<Record<SplitNote['kind'], string>> = {
  unlisted: 'images are in no list and left out',
  unknown: 'names in lists are those of no image',
  ambiguous: 'names in lists fit several images and are passed over',
  repeated: 'names are in more than one list and held out',
  buffer: 'images are left out, too near to another part',
  rest: 'images are in no list and trained on',
  notValidated: 'classes have no image to validate on',
  unreadable: 'images are left out, their places cannot be read',
}

/** So many names stand in a line. */
const mostExamples = 5

function blocksText({ size, buffer, system, counts }: SplitBlocks): string {
  const blocks = parts.map((part) => `${grouped(counts[part])} ${part}`).join(', ')
  return `Blocks of ${size}, ${buffer} apart, in units of ${system}: ${blocks}`
}

/** Lines about where the classes were found and how the images are split. */
export function dataText({
  source,
  root,
  roots,
  classes,
  split,
}: Pick<DataSummary, 'source' | 'root' | 'roots' | 'classes' | 'split'>): string[] {
  if (source.startsWith('sample:')) return []
  const others = roots.filter((one) => one.root !== root).map((one) => one.root)
  const choice = others.length > 0 ? `; others with --root: ${others.slice(0, 10).join(', ')}` : ''
  const counts = { training: 0, validation: 0, test: 0 }
  for (const one of split.classes) for (const part of parts) counts[part] += one[part]
  const warning = splitWarning(
    split,
    classes.map(({ name }) => name),
  )
  return [
    ...(root === '.' && choice === '' ? [] : [`The classes are the folders in ${root}${choice}`]),
    ...(warning === null ? [] : [warning]),
    `Split by ${split.by}: ${countsText(counts)}`,
    ...(split.blocks === null ? [] : [blocksText(split.blocks)]),
    ...split.notes.map(({ kind, count, examples }) => {
      const few = examples.slice(0, mostExamples)
      const first = few.length > 0 ? `: ${few.join(', ')}${count > few.length ? ', …' : ''}` : ''
      return `${grouped(count)} ${noteTexts[kind]}${first}`
    }),
  ]
}

const countsText = (counts: Readonly<Record<Part, number>>) =>
  parts.map((part) => `${grouped(counts[part])} ${part}`).join(', ')

/** Said where folders that are named as parts are would be learnt as classes; null where none is. */
export function splitWarning({ by }: Pick<RunSplit, 'by'>, classes: readonly string[]): string | null {
  const names = by === 'folders' ? [] : partNamedClasses(classes)
  return names.length === 0
    ? null
    : `Warning: the folders ${names.join(', ')} count as classes. If they are the split, say --split folders; if the classes lie below one of them, --root.`
}

const bracketed = (texts: readonly string[]) => (texts.length === 0 ? '' : ` (${texts.join(', ')})`)

/** Lines about where a run's classes were found and how its images were split; none for the digits. */
export function runSplitText({
  root,
  by,
  counts,
  seed,
  names,
  blocks,
  validationSource,
}: RunSplit): string[] {
  if (root === null) return []
  const chance = seed === null ? [] : [`seed ${seed}`]
  const how = by === 'seed' ? chance.join() : `${by}${bracketed([...names, ...chance])}`
  const elsewhere = validationSource === null ? '' : `; validated on the images in ${validationSource}`
  return [
    `The classes are the folders in ${root === '.' ? 'the folder itself' : root}`,
    `Split${how === '' ? '' : ` by ${how}`}: ${countsText(counts)}${elsewhere}`,
    ...(blocks === null ? [] : [blocksText(blocks)]),
  ]
}

const fallbackReasons: Readonly<Record<SplitFallback['code'], string>> = {
  DATA_NO_PARTS: 'it has no train folder beside a val or test folder',
  DATA_LIST_UNMATCHED: 'none of the listed names is that of an image in it',
  DATA_NO_PLACE: 'its images do not say where on the map they lie',
  DATA_PLACES_DIFFER: 'its images are in several coordinate systems',
  DATA_FEW_BLOCKS: 'its images fall into too few blocks',
}

/** Said where images are evaluated that cannot be split as a model's were. */
export function fallbackText({ by, code }: SplitFallback): string {
  return `Warning: the images of the training were split by ${by}. This folder cannot be split so: ${fallbackReasons[code]}. All of its images are compared; if some were trained on, the accuracy flatters the model.`
}
