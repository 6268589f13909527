/** What differs between runs: settings, data and network, in one list that a table can show. Pure. */
import { checkParams } from '../blocks/paramValues'
import { blockDefinition } from '../blocks/index'
import type { Block, Connection } from '../graph/types'
import type { RunState } from './runState'

/** One column of a comparison: a run, or the runs of a series, which differ by their seed only. */
export interface Compared {
  id: string
  name: string
  /** At least one. */
  states: readonly RunState[]
}

export interface Difference {
  /** `block`: there or not, or of another type. `setting`: of a block. `connection`: there or not. */
  kind: 'training' | 'data' | 'block' | 'setting' | 'connection'
  /** `['optimizer', 'learningRate']`; `['conv1']`; `['conv1', 'filters']`; `['conv1', 'add1']`, from and to, and the input where it is not the first. */
  path: readonly string[]
  /** Of each column; undefined where it has no such thing. A block's is its type, a connection's is true. */
  values: readonly unknown[]
}

type Leaves = ReadonlyMap<string, unknown>

/** Settings by their path as JSON. Lists are one value: what differs is seen in them as a whole. */
function leavesOf(value: object, path: readonly string[] = []): Map<string, unknown> {
  const found = new Map<string, unknown>()
  for (const [key, inner] of Object.entries(value) as [string, unknown][]) {
    const here = [...path, key]
    if (typeof inner === 'object' && inner !== null && !Array.isArray(inner)) {
      for (const [place, leaf] of leavesOf(inner, here)) found.set(place, leaf)
    } else if (inner !== undefined) found.set(JSON.stringify(here), inner)
  }
  return found
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** The places where columns differ, in the order in which they are first met. */
function differing(kind: Difference['kind'], columns: readonly Leaves[]): Difference[] {
  const places = new Set(columns.flatMap((leaves) => [...leaves.keys()]))
  return [...places].flatMap((place) => {
    const values = columns.map((leaves) => leaves.get(place))
    if (values.every((value) => same(value, values[0]))) return []
    return [{ kind, path: JSON.parse(place) as string[], values }]
  })
}

/** The seeds of a series are one value: they are what it is made of, not a difference between its runs. */
function trainingOf({ states }: Compared): Leaves {
  const leaves = leavesOf(states[0]!.project.training)
  if (states.length > 1)
    leaves.set(
      '["seed"]',
      states.map(({ project }) => project.training.seed),
    )
  return leaves
}

const blocksOf = ({ states }: Compared) => states[0]!.project.graph.blocks
const connectionsOf = ({ states }: Compared) => states[0]!.project.graph.connections

/** A block's settings with the defaults of what its file leaves out, so that leaving out is no difference. */
function settingsOf({ type, params }: Block): Leaves {
  const definition = blockDefinition(type)
  const values = definition ? checkParams(definition, params).values : params
  return new Map(Object.entries(values).map(([key, value]) => [JSON.stringify([key]), value]))
}

/** Blocks are the same where their id is: that is how they stay themselves while they are edited. */
function blockDifferences(columns: readonly (readonly Block[])[]): Difference[] {
  const ids = new Set(columns.flatMap((blocks) => blocks.map(({ id }) => id)))
  return [...ids].flatMap((id) => {
    const found = columns.map((blocks) => blocks.find((block) => block.id === id))
    const types = found.map((block) => block?.type)
    const here: Difference[] = types.every((type) => type === types[0])
      ? []
      : [{ kind: 'block', path: [id], values: types }]
    const present = found.filter((block) => block !== undefined)
    // Settings of different types have nothing to do with each other.
    if (present.some(({ type }) => type !== present[0]!.type)) return here
    const settings = differing('setting', present.map(settingsOf)).map(({ path, values, ...rest }) => {
      const left = [...values]
      return { ...rest, path: [id, ...path], values: found.map((block) => block && left.shift()) }
    })
    return [...here, ...settings]
  })
}

function connectionLeaves(connections: readonly Connection[]): Leaves {
  return new Map(
    connections.map(({ from, to, input = 0 }) => [
      JSON.stringify(input === 0 ? [from, to] : [from, to, String(input)]),
      true,
    ]),
  )
}

/** Places, names, groups and comments on the canvas are no differences: the network computes the same. */
export function compareRuns(compared: readonly Compared[]): Difference[] {
  return [
    ...differing('training', compared.map(trainingOf)),
    ...differing(
      'data',
      compared.map(({ states }) => leavesOf(states[0]!.project.data)),
    ),
    ...blockDifferences(compared.map(blocksOf)),
    ...differing(
      'connection',
      compared.map((column) => connectionLeaves(connectionsOf(column))),
    ),
  ]
}
