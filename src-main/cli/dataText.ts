import { parts } from '#shared/project/parts'
import type { DataSummary } from '#shared/rpc/services'
import { grouped } from './terminal'

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
  ]
}
