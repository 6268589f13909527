/**
 * Writing a project file: keys in a fixed order, one line a block, defaults left out, so that files read and compare well; in the
 * lowest version that can express the project, so that older programs open it.
 */
import { blockDefinition } from '../blocks/index'
import { checkParam } from '../blocks/paramValues'
import type { Block, Connection } from '../graph/types'
import { optimizerSchema, trainingSchema } from '../training/settings'
import { lowestVersion } from './migrations'
import { dataSchema, type ProjectFile } from './schema'

type Entries = Record<string, unknown>

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** Settings that differ from their default, in the order of the definition; unknown ones are kept at the end. */
function writtenParams(block: Block): Entries {
  const specs = blockDefinition(block.type)?.params ?? {}
  const written: Entries = {}
  for (const [name, spec] of Object.entries(specs)) {
    const value = block.params[name]
    if (value === undefined) continue
    const check = checkParam(spec, value)
    const plain = check.expected === undefined ? check.value : value
    // The input block says what the whole network is made for, so it is always spelled out.
    if (block.type === 'input' || !same(plain, spec.default)) written[name] = plain
  }
  for (const [name, value] of Object.entries(block.params)) {
    if (!Object.hasOwn(specs, name) && value !== undefined) written[name] = value
  }
  return written
}

function writtenBlock(block: Block): Entries {
  const params = writtenParams(block)
  return {
    id: block.id,
    type: block.type,
    ...(block.name === undefined ? {} : { name: block.name }),
    ...(Object.keys(params).length > 0 ? { params } : {}),
    ...(block.position === undefined ? {} : { position: block.position }),
  }
}

function writtenConnection({ from, to, input }: Connection): Entries {
  return { from, to, ...(input === undefined ? {} : { input }) }
}

/** Entries of `value` that differ from `defaults`, in the order of `defaults`, then the rest. */
function withoutDefaults(value: Readonly<Entries>, defaults: Readonly<Entries>): Entries {
  const keys = new Set([...Object.keys(defaults), ...Object.keys(value)])
  return Object.fromEntries(
    [...keys].flatMap((key) => {
      const entry = value[key]
      return entry === undefined || same(entry, defaults[key]) ? [] : [[key, entry] as const]
    }),
  )
}

function writtenTraining(training: ProjectFile['training']): Entries {
  const { epochs, batchSize, optimizer, seed, ...later } = training
  const defaults = optimizerSchema.safeParse({ type: optimizer.type })
  const { type, learningRate, ...rest } = optimizer
  const others = defaults.success ? withoutDefaults(rest, defaults.data) : rest
  return {
    ...withoutDefaults({ epochs, batchSize }, {}),
    optimizer: { type, learningRate, ...others },
    seed,
    ...withoutDefaults(later, trainingSchema.parse({})),
  }
}

/** JSON on one line with spaces, e.g. `{ "from": "in", "to": "c1" }`. */
function line(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(line).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).map(([key, entry]) => `${JSON.stringify(key)}: ${line(entry)}`)
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`
}

function lines(values: readonly unknown[]): string {
  return values.length === 0 ? '[]' : `[\n${values.map((value) => `      ${line(value)}`).join(',\n')}\n    ]`
}

/** The text of a project file, ending with a line break. `parseProject` reads back an equal project. */
export function serialiseProject(project: ProjectFile): string {
  const { graph } = project
  const parts = [
    `    "blocks": ${lines(graph.blocks.map(writtenBlock))}`,
    `    "connections": ${lines(graph.connections.map(writtenConnection))}`,
    ...(graph.groups.length > 0 ? [`    "groups": ${lines(graph.groups)}`] : []),
    ...(graph.notes.length > 0 ? [`    "notes": ${lines(graph.notes)}`] : []),
  ]
  const data = withoutDefaults(project.data, { ...dataSchema.parse({}), source: undefined })
  const training = writtenTraining(project.training)
  const blocks = graph.blocks.map(({ type }) => type)
  return `{
  "format": ${JSON.stringify(project.format)},
  "version": ${lowestVersion({ blocks, data, training })},
  "name": ${JSON.stringify(project.name)},
  "graph": {
${parts.join(',\n')}
  },
  "data": ${line(data)},
  "training": ${line(training)}
}
`
}
