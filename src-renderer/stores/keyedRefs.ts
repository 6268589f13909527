/**
 * Values by key, each with a reactivity of its own: after an edit only what reads a changed value runs again. (A computed per
 * key would be asked after every edit; with hundreds of blocks, each with several, that takes longer than the edit itself.)
 */
import { shallowRef, type ShallowRef } from 'vue'

export interface KeyedRefs<T> {
  /** The value of `key`, reactive; undefined while there is none. */
  get(key: string): T | undefined
  /** Takes over all values at once. */
  update(entries: Iterable<readonly [key: string, value: T]>): void
}

export function keyedRefs<T>(same: (a: T, b: T) => boolean): KeyedRefs<T> {
  const refs = new Map<string, ShallowRef<T | undefined>>()
  function refOf(key: string): ShallowRef<T | undefined> {
    let found = refs.get(key)
    if (!found) refs.set(key, (found = shallowRef()))
    return found
  }
  return {
    get: (key) => refOf(key).value,
    update(entries) {
      const gone = new Set(refs.keys())
      for (const [key, value] of entries) {
        gone.delete(key)
        const ref = refOf(key)
        if (ref.value === undefined || !same(ref.value, value)) ref.value = value
      }
      for (const key of gone) {
        refOf(key).value = undefined
        refs.delete(key)
      }
    },
  }
}

/** Whether two records have the same values. */
export function sameFields<T extends object>(a: T, b: T): boolean {
  return (Object.keys(b) as (keyof T)[]).every((key) => a[key] === b[key])
}
