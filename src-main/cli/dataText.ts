import { parts } from '#shared/project/parts'
import type { DataSummary, SplitNote } from '#shared/rpc/services'
import { grouped } from './terminal'

const noteTexts: Readonly<Record<SplitNote['kind'], string>> = {
  unlisted: 'images are in no list and left out',
  unknown: 'names in lists are those of no image',
  ambiguous: 'names in lists fit several images and are passed over',
  repeated: 'names are in more than one list and held out',
  buffer: 'images are left out, too near to another part',
  unreadable: 'images are left out, their places cannot be read',
}

function blocksText({ size, buffer, system, counts }: NonNullable<DataSummary['split']['blocks']>): string {
  const blocks = parts.map((part) => `${grouped(counts[part])} ${part}`).join(', ')
  return `Blocks of ${size}, ${buffer} apart, in units of ${system}: ${blocks}`
}

/** Lines about where the classes were found and how the images are split. */
export function dataText({
  source,
  root,
  roots,
  split,
}: Pick<DataSummary, 'source' | 'root' | 'roots' | 'split'>): string[] {
  if (source.startsWith('sample:')) return []
  const others = roots.filter((one) => one.root !== root).map((one) => one.root)
  const choice = others.length > 0 ? `; others with --root: ${others.slice(0, 10).join(', ')}` : ''
  const counts = parts.map((part) => {
    const images = split.classes.reduce((sum, one) => sum + one[part], 0)
    return `${grouped(images)} ${part}`
  })
  return [
    ...(root === '.' && choice === '' ? [] : [`The classes are the folders in ${root}${choice}`]),
    `Split by ${split.by}: ${counts.join(', ')}`,
    ...(split.blocks === null ? [] : [blocksText(split.blocks)]),
    ...split.notes.map(({ kind, count, examples }) => {
      const first =
        examples.length > 0 ? `: ${examples.join(', ')}${count > examples.length ? ', …' : ''}` : ''
      return `${grouped(count)} ${noteTexts[kind]}${first}`
    }),
  ]
}
