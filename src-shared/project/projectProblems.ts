/** Everything in a project that the schema and the block definitions do not allow, each with its place and what was expected. */
import type { z } from 'zod'
import { blockDefinition } from '../blocks/index'
import { checkParams, foundText } from '../blocks/paramValues'
import { projectSchema } from './schema'

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => {
    if (Array.isArray(value)) return value[Number(key)] as unknown
    return isRecord(value) && Object.hasOwn(value, key) ? value[String(key)] : undefined
  }, root)
}

/** `graph.blocks[c1].params`: entries with an id are named by it. */
function pathText(root: unknown, path: readonly PropertyKey[]): string {
  let text = ''
  path.forEach((key, i) => {
    if (typeof key !== 'number') {
      text += text === '' ? String(key) : `.${String(key)}`
      return
    }
    const entry = valueAt(root, path.slice(0, i + 1))
    const id = isRecord(entry) ? entry['id'] : undefined
    text += `[${typeof id === 'string' && id !== '' ? id : key}]`
  })
  return text === '' ? 'the file' : text
}

const typeWords: Readonly<Record<string, string>> = {
  int: 'an integer',
  number: 'a number',
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  tuple: 'a list of two numbers',
}

function listed(values: readonly unknown[]): string {
  const texts = values.map((value) => JSON.stringify(value))
  return texts.length === 1 ? String(texts[0]) : `one of ${texts.join(', ')}`
}

function bound(
  issue: { origin: string; inclusive?: boolean | undefined },
  limit: number | bigint,
  low: boolean,
) {
  if (issue.origin === 'string')
    return low ? 'a text that is not empty' : `a text of at most ${limit} characters`
  // The only lists of fixed length are positions.
  if (issue.origin === 'array') return 'a list of two numbers'
  if (low) return issue.inclusive === false ? `a number above ${limit}` : `a number of at least ${limit}`
  return issue.inclusive === false ? `a number below ${limit}` : `a number of at most ${limit}`
}

function expectedText(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return typeWords[issue.expected] ?? issue.expected
    case 'too_small':
      return bound(issue, issue.minimum, true)
    case 'too_big':
      return bound(issue, issue.maximum, false)
    case 'invalid_value':
      return listed(issue.values)
    default:
      return issue.message
  }
}

function schemaProblems(raw: unknown): string[] {
  const result = projectSchema.safeParse(raw)
  if (result.success) return []
  return result.error.issues.flatMap((issue) => {
    const place = pathText(raw, issue.path)
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => `${place}: unknown key ${foundText(key)}`)
    return [`${place}: expected ${expectedText(issue)}, found ${foundText(valueAt(raw, issue.path))}`]
  })
}

function graphProblems(raw: unknown): string[] {
  const blocks = valueAt(raw, ['graph', 'blocks'])
  if (!Array.isArray(blocks)) return []
  const seen = new Set<string>()
  return blocks.flatMap((block: unknown, i) => {
    if (!isRecord(block)) return []
    const place = pathText(raw, ['graph', 'blocks', i])
    const problems: string[] = []
    const { id, type, params } = block
    if (typeof id === 'string') {
      if (seen.has(id))
        problems.push(`graph.blocks[${i}].id: expected an id no other block has, found ${foundText(id)}`)
      seen.add(id)
    }
    if (typeof type !== 'string' || type === '') return problems
    const definition = blockDefinition(type)
    if (definition === undefined)
      return [...problems, `${place}.type: there is no block type ${foundText(type)}`]
    if (!isRecord(params)) return problems
    for (const problem of checkParams(definition, params).problems) {
      problems.push(
        Object.hasOwn(definition.params, problem.setting)
          ? `${place}.params.${problem.setting}: expected ${problem.expected}, found ${problem.found}`
          : `${place}.params: unknown setting ${foundText(problem.setting)}`,
      )
    }
    return problems
  })
}

/**
 * Problems of a project as plain data, in the order of the file; empty when it is sound. Connections that do not work are not
 * among them: `inferShapes` reports those as fit issues.
 */
export function projectProblems(raw: unknown): string[] {
  return [...schemaProblems(raw), ...graphProblems(raw)]
}
