/** Reading a project file. Whatever is JSON of a known version opens; what is wrong in it is kept and named. */
import { foundText } from '../blocks/paramValues'
import { InterlockError } from '../issues/errors'
import type { Block, Connection, Graph } from '../graph/types'
import { jsonErrorPlace } from './jsonErrorPlace'
import { migrateProject } from './migrations'
import { newProject } from './newProject'
import { projectProblems } from './projectProblems'
import { projectFormat, projectSchema, projectVersion, type ProjectFile } from './schema'

export interface ParsedProject {
  /** With every default filled in. Invalid parts are kept as they are in the file wherever they can be shown. */
  project: ProjectFile
  /** Each with its place in the file. Must be empty before the project may be trained or overwritten. */
  problems: readonly string[]
}

type Raw = Record<string, unknown>

function isRecord(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parseJson(text: string, file: string): unknown {
  const clean = text.startsWith('\ufeff') ? text.slice(1) : text
  try {
    return JSON.parse(clean)
  } catch (thrown) {
    const place = jsonErrorPlace(clean)
    const problem =
      place === null ? String(thrown) : `line ${place.line}, column ${place.column}: ${place.problem}`
    throw new InterlockError('PROJECT_NOT_JSON', { file, problem })
  }
}

function refuse(file: string, problems: string): never {
  throw new InterlockError('PROJECT_INVALID', { file, problems })
}

/** The content at the current version, after its format and version were checked. */
function currentContent(raw: unknown, file: string): Raw {
  if (!isRecord(raw)) refuse(file, `expected an object, found ${foundText(raw)}`)
  const { format, version } = raw
  if (format !== projectFormat) {
    const hint =
      format === 'interlock-model' ? '; this is a model file, the window opens its network as a project' : ''
    refuse(file, `format: expected "${projectFormat}", found ${foundText(format)}${hint}`)
  }
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1) {
    refuse(file, `version: expected an integer from 1 to ${projectVersion}, found ${foundText(version)}`)
  }
  if (version > projectVersion) {
    throw new InterlockError('PROJECT_NEWER', { file, found: version, supported: projectVersion })
  }
  return migrateProject(raw, version)
}

function text(value: unknown, otherwise: string): string {
  return typeof value === 'string' && value !== '' ? value : otherwise
}

function keepBlock(raw: unknown, i: number, taken: ReadonlySet<string>): Block {
  const entry = isRecord(raw) ? raw : {}
  let id = `block_${i + 1}`
  while (taken.has(id)) id += '_'
  const params = isRecord(entry['params']) ? entry['params'] : {}
  const { position, name, ...rest } = entry
  const place =
    Array.isArray(position) && position.length === 2 && position.every((n) => typeof n === 'number')
  return {
    ...rest,
    ...(place ? { position: position as unknown as [number, number] } : {}),
    ...(typeof name === 'string' ? { name } : {}),
    id: text(entry['id'], id),
    type: text(entry['type'], 'missing'),
    params,
  }
}

function keepConnection(raw: unknown): Connection {
  const entry = isRecord(raw) ? raw : {}
  const { input, ...rest } = entry
  return {
    ...rest,
    ...(typeof input === 'number' ? { input } : {}),
    from: text(entry['from'], '?'),
    to: text(entry['to'], '?'),
  }
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** The graph of a file with problems: every entry is kept in a shape the window can draw. */
function keepGraph(raw: unknown): Graph {
  const graph = isRecord(raw) ? raw : {}
  const entries = list(graph['blocks'])
  const taken = new Set(entries.flatMap((entry) => (isRecord(entry) ? [text(entry['id'], '')] : [])))
  return {
    blocks: entries.map((entry, i) => keepBlock(entry, i, taken)),
    connections: list(graph['connections']).map(keepConnection),
    groups: list(graph['groups']).flatMap((group) =>
      isRecord(group)
        ? [
            {
              id: text(group['id'], '?'),
              name: text(group['name'], '?'),
              blocks: list(group['blocks']).filter((id) => typeof id === 'string'),
              collapsed: group['collapsed'] === true,
            },
          ]
        : [],
    ),
    notes: list(graph['notes']).flatMap((note) => {
      if (!isRecord(note)) return []
      const [x, y] = list(note['position'])
      const position = [typeof x === 'number' ? x : 0, typeof y === 'number' ? y : 0] as const
      return [{ id: text(note['id'], '?'), text: text(note['text'], ''), position }]
    }),
  }
}

function keepProject(raw: Raw): ProjectFile {
  const { data, training } = newProject()
  const rawTraining = isRecord(raw['training']) ? raw['training'] : {}
  const optimizer = isRecord(rawTraining['optimizer']) ? rawTraining['optimizer'] : {}
  // What is taken apart on screen keeps its kind.
  const { schedule, warmup, earlyStopping, batchSizes, ...others } = rawTraining
  const parts = {
    ...(isRecord(schedule) ? { schedule } : {}),
    ...(isRecord(warmup) ? { warmup } : {}),
    ...(isRecord(earlyStopping) ? { earlyStopping } : {}),
    ...(Array.isArray(batchSizes) ? { batchSizes: batchSizes.filter(isRecord) } : {}),
  }
  return {
    ...newProject({ name: text(raw['name'], 'Untitled'), graph: keepGraph(raw['graph']) }),
    data: { ...data, ...(isRecord(raw['data']) ? raw['data'] : {}) },
    training: {
      ...training,
      ...others,
      ...(parts as Partial<typeof training>),
      optimizer: { ...training.optimizer, ...optimizer } as typeof training.optimizer,
    },
  }
}

/** Plain data of an older version at the current one; anything else as it is. */
export function atCurrentVersion(raw: unknown): unknown {
  if (!isRecord(raw)) return raw
  const { version } = raw
  const known = typeof version === 'number' && Number.isInteger(version) && version >= 1
  return known ? migrateProject(raw, version) : raw
}

/**
 * A project that was kept as plain data by this or an older version, at the current version with every default filled in; what is
 * invalid in it is kept as {@link parseProject} does.
 */
export function keptProject(raw: Readonly<Raw>): ProjectFile {
  return readContent(atCurrentVersion(raw) as Raw)
}

function readContent(raw: Raw): ProjectFile {
  const strict = projectSchema.safeParse(raw)
  return strict.success ? strict.data : keepProject(raw)
}

/**
 * Reads a project from the text of a file. Throws PROJECT_NOT_JSON (with line and column), PROJECT_NEWER, and PROJECT_INVALID
 * where the text is not a project at all.
 */
export function parseProject(fileText: string, fileName: string): ParsedProject {
  const raw = currentContent(parseJson(fileText, fileName), fileName)
  return { project: readContent(raw), problems: projectProblems(raw) }
}
