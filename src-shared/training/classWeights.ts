import { InterlockError } from '../issues/errors'
import type { ClassWeights } from './settings'

/** Names of a setting that are no class of the data: typing errors, which must not pass as weight 1. */
export function unknownClasses(setting: ClassWeights, classes: readonly string[]): string[] {
  return typeof setting === 'string' ? [] : Object.keys(setting).filter((name) => !classes.includes(name))
}

/** Throws CLASS_WEIGHTS_UNKNOWN. */
export function requireKnownClasses(setting: ClassWeights, classes: readonly string[]): void {
  const unknown = unknownClasses(setting, classes)
  if (unknown.length === 0) return
  const details = { names: unknown.join(', '), classes: classes.join(', ') }
  throw new InterlockError('CLASS_WEIGHTS_UNKNOWN', details)
}

/**
 * The weight of every class, in the order of `classes`; null where all count alike. `counts`: training images of each class. For
 * `balanced`, classes without any take no part and weigh 1.
 */
export function classWeightsOf(
  setting: ClassWeights,
  classes: readonly string[],
  counts: readonly number[],
): number[] | null {
  if (setting === 'none') return null
  if (setting !== 'balanced')
    return classes.map((name) => (Object.hasOwn(setting, name) ? setting[name]! : 1))
  const images = counts.reduce((sum, count) => sum + count, 0)
  const present = counts.filter((count) => count > 0).length
  return counts.map((count) => (count > 0 ? images / (present * count) : 1))
}
