/**
 * Settings typed after the name of a block: `conv 32 5 same relu`, `max 2`, `dense 10`, `input 28x28x1`. Plain numbers fill the
 * settings that are numbers in the order of the inspector, so `conv 32 5 2` is 32 filters of 5×5 with stride 2; `5x3` is the first
 * that may differ in the two directions, `/2` the stride; then `same` and `valid`, a function by its name, and `nobias`.
 */
import type { AnyBlockDefinition, ParamSpec } from '#shared/blocks/defineBlock'
import { checkParam } from '#shared/blocks/paramValues'
import type { BlockParams } from '#shared/graph/types'

type Entry = readonly [name: string, spec: ParamSpec]
const plain = (text: string) => text.toLowerCase().replaceAll(/\s/g, '')

/** Null where a word means none of the block's settings, or one outside its range. */
export function readTypedSettings(
  definition: AnyBlockDefinition,
  words: readonly string[],
): BlockParams | null {
  const specs: readonly Entry[] = Object.entries(definition.params)
  const params: Record<string, unknown> = {}
  const set = (entry: Entry | undefined, value: unknown): boolean => {
    if (!entry) return false
    const [name, spec] = entry
    if (name in params || checkParam(spec, value).expected !== undefined) return false
    params[name] = value
    return true
  }
  const next = (...kinds: readonly ParamSpec['kind'][]) =>
    specs.find(([name, { kind }]) => kinds.includes(kind) && !(name in params))

  const understood = words.every((word) => {
    const numbers = /^\d+(?:[.,]\d+)?(?:[x×]\d+)*$/.test(word)
      ? word.split(/[x×]/).map((one) => Number(one.replace(',', '.')))
      : []
    if (numbers.length === 1) return set(next('integer', 'number', 'pair'), numbers[0])
    if (numbers.length === 2) return set(next('pair'), numbers)
    if (numbers.length > 2) return numbers.every((one) => set(next('integer'), one))
    const stride = /^(?:\/|stride)(\d+)$/.exec(word)?.[1]
    if (stride)
      return set(
        specs.find(([name]) => name === 'strides'),
        Number(stride),
      )
    if (word === 'same' || word === 'valid') return set(next('padding'), word)
    for (const entry of specs) {
      const [, spec] = entry
      if (spec.kind === 'boolean' && word === `no${plain(spec.label)}`) return set(entry, false)
      const option = spec.kind === 'choice' ? spec.options.find(({ label }) => plain(label) === word) : null
      if (option) return set(entry, option.value)
    }
    return false
  })
  return understood ? params : null
}
