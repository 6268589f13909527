/** Validation of a block's settings, derived from its ParamSpecs: values in, normalised values or named problems out. */
import type { BlockParams } from '../graph/types'
import type { AnyBlockDefinition, ParamSpec } from './defineBlock'

export interface ParamProblem {
  setting: string
  expected: string
  found: string
}

export type ParamCheck = { value: unknown; expected?: undefined } | { expected: string }

/** A value as people read it in a message: strings quoted, long ones cut. */
export function foundText(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? typeof value)
  return text.length > 60 ? `${text.slice(0, 59)}…` : text
}

function integerIn(value: unknown, min: number, max: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
}

function checkNumber(spec: Extract<ParamSpec, { kind: 'number' }>, value: unknown): ParamCheck {
  const low = spec.exclusiveMin ? `above ${spec.min}` : `at least ${spec.min}`
  const high = spec.exclusiveMax ? `below ${spec.max}` : `at most ${spec.max}`
  const fits =
    typeof value === 'number' &&
    (spec.exclusiveMin ? value > spec.min : value >= spec.min) &&
    (spec.exclusiveMax ? value < spec.max : value <= spec.max)
  return fits ? { value } : { expected: `a number ${low} and ${high}` }
}

function checkPair(spec: Extract<ParamSpec, { kind: 'pair' }>, value: unknown): ParamCheck {
  if (value === null && spec.nullable !== undefined) return { value }
  if (integerIn(value, spec.min, spec.max)) return { value }
  if (Array.isArray(value) && value.length === 2 && value.every((n) => integerIn(n, spec.min, spec.max))) {
    return { value: value[0] === value[1] ? (value[0] as unknown) : value }
  }
  const orNull = spec.nullable === undefined ? '' : ', or null'
  return {
    expected: `an integer from ${spec.min} to ${spec.max}, or [vertical, horizontal] of two such${orNull}`,
  }
}

function checkPadding(spec: Extract<ParamSpec, { kind: 'padding' }>, value: unknown): ParamCheck {
  if (spec.modes.some((mode) => mode === value)) return { value }
  if (Array.isArray(value) && value.length === 4 && value.every((n) => integerIn(n, 0, spec.max))) {
    return { value }
  }
  const modes = spec.modes.map((mode) => `"${mode}", `).join('')
  return {
    expected: `${modes}${modes && 'or '}[top, bottom, left, right] with integers from 0 to ${spec.max}`,
  }
}

/** One value against its spec: the normalised value (equal pairs become one number), or what was expected. */
export function checkParam(spec: ParamSpec, value: unknown): ParamCheck {
  switch (spec.kind) {
    case 'integer':
      if (integerIn(value, spec.min, spec.max)) return { value }
      return { expected: `an integer from ${spec.min} to ${spec.max}` }
    case 'number':
      return checkNumber(spec, value)
    case 'boolean':
      return typeof value === 'boolean' ? { value } : { expected: 'true or false' }
    case 'choice':
      if (spec.options.some((option) => option.value === value)) return { value }
      return { expected: `one of ${spec.options.map((option) => option.value).join(', ')}` }
    case 'pair':
      return checkPair(spec, value)
    case 'padding':
      return checkPadding(spec, value)
  }
}

/** All settings of a block with defaults filled in. Where something is wrong, `problems` names it and the default stands in. */
export function checkParams(
  definition: AnyBlockDefinition,
  params: BlockParams,
): { values: Readonly<Record<string, unknown>>; problems: readonly ParamProblem[] } {
  const values: Record<string, unknown> = { ...defaultParams(definition) }
  let problems: ParamProblem[] = noProblems
  for (const setting in params) {
    const given = params[setting]
    if (given === undefined) continue
    const spec = Object.hasOwn(definition.params, setting) ? definition.params[setting] : undefined
    const check = spec === undefined ? { expected: knownSettings(definition) } : checkParam(spec, given)
    if (check.expected === undefined) {
      values[setting] = check.value
      continue
    }
    const found = spec === undefined ? `the unknown setting ${foundText(setting)}` : foundText(given)
    problems = [...problems, { setting, expected: check.expected, found }]
  }
  return { values, problems }
}

const noProblems: ParamProblem[] = []

function knownSettings(definition: AnyBlockDefinition): string {
  const known = Object.keys(definition.params)
  return known.length > 0 ? `only ${known.join(', ')}` : 'no settings'
}

const defaults = new Map<AnyBlockDefinition, BlockParams>()

/** Settings of a new block: every default. */
export function defaultParams(definition: AnyBlockDefinition): BlockParams {
  let params = defaults.get(definition)
  if (params === undefined) {
    params = Object.fromEntries(Object.entries(definition.params).map(([name, spec]) => [name, spec.default]))
    defaults.set(definition, params)
  }
  return params
}
