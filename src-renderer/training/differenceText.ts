/** The names and values of a comparison as people read them. */
import { blockDefinition } from '#shared/blocks/index'
import type { Difference } from '#shared/training/compareRuns'
import { t } from '../i18n'

/** `learningRate` as `learning rate`: the names of the project file are words. */
function words(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase()
}

export function placeText({ kind, path }: Difference): string {
  if (kind === 'connection') {
    const [from, to, input] = path
    if (input === undefined) return t('compare.connection', { from, to })
    return t('compare.input', { from, to, input: Number(input) + 1 })
  }
  if (kind === 'block') return path.join()
  if (kind === 'setting') return `${path[0]}: ${path.slice(1).map(words).join(', ')}`
  const text = path
    .map((name) => (name === 'optimizer' ? t('training.optimizer') : words(name)))
    .filter((word, i) => !(word === 'type' && i > 0))
    .join(', ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}

export function valueText(kind: Difference['kind'], value: unknown): string {
  if (value === undefined) return t('compare.missing')
  if (kind === 'connection') return t('compare.there')
  if (kind === 'block' && typeof value === 'string') return blockDefinition(value)?.label ?? value
  if (value === null) return t('compare.none')
  if (typeof value === 'boolean') return t(value ? 'compare.yes' : 'compare.no')
  if (typeof value === 'string') return value
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) return value.join(', ')
  return JSON.stringify(value)
}
