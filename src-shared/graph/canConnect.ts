/** Whether a connection that is being drawn would fit, and if not why. */
import { blockDefinition } from '../blocks/index'
import { fitIssueMessage, fitIssueTexts } from '../issues/fitIssues'
import type { Shape } from '../ops'
import { nextMergeInput } from './applyEdits'
import { checkGraph, type CheckedGraph } from './checkGraph'
import { evaluateBlock } from './evaluateBlock'
import { reachableFrom } from './graphIndex'
import type { Connection, Graph } from './types'

export interface ConnectionFit {
  fits: boolean
  /** It makes no sense whatever the sizes are (a circle, into an input block, twice the same), so it cannot even be drawn. */
  impossible: boolean
  /** Why it does not fit, for people; null where it does. */
  reason: string | null
  /** The connection it would take the place of, where the block's input is taken. */
  replaces: Connection | null
}

/** While a connection is dragged the same graph is asked for every block. */
const checkedGraphs = new WeakMap<Graph, CheckedGraph>()

function checkedOnce(graph: Graph): CheckedGraph {
  let checked = checkedGraphs.get(graph)
  if (checked === undefined) {
    checked = checkGraph(graph)
    checkedGraphs.set(graph, checked)
  }
  return checked
}

function impossible(reason: string): ConnectionFit {
  return { fits: false, impossible: true, reason, replaces: null }
}

/** Why a connection makes no sense at all, or null. */
function senselessness({ index }: CheckedGraph, { from, to, input }: Connection): string | null {
  const source = index.blocks.get(from)
  const target = index.blocks.get(to)
  if (source === undefined) return `There is no block ${from}.`
  if (target === undefined) return `There is no block ${to}.`
  if (blockDefinition(source.type)?.hasOutput === false) return 'Nothing comes out of an output block.'
  if (blockDefinition(target.type)?.inputs === 'none') return 'Nothing goes into an input block.'
  if (from === to) return 'A block cannot feed itself.'
  const merge = blockDefinition(target.type)?.inputs === 'many'
  const twice = index
    .incoming(to)
    .some((other) => other.from === from && (!merge || (input !== undefined && other.input === input)))
  if (twice) return 'These two are connected already.'
  const after = reachableFrom([to], (id) => index.outgoing(id).map((connection) => connection.to))
  return after.has(from) ? 'This would make a circle: data must flow from input to output.' : null
}

/** Shapes that would arrive, or null where they are not all known yet. */
function arrivingShapes(checked: CheckedGraph, connection: Connection, input: number | null): Shape[] | null {
  const shapeOf = (id: string) => checked.fits.get(id)?.output ?? null
  const own = shapeOf(connection.from)
  if (input === null) return own === null ? null : [own]
  const shapes = checked.index.incoming(connection.to).map(({ from }) => shapeOf(from))
  shapes[input] = own
  const known = shapes.flatMap((shape) => (shape === null ? [] : [shape]))
  return known.length === shapes.length && known.length > 1 ? known : null
}

/**
 * Whether `connection` would fit. `input` chooses the input of a merge; left out, it is the next free one. A block with one
 * input gives up the connection it has. While sizes are unknown the answer is yes: nothing speaks against it yet.
 */
export function canConnect(graph: Graph, connection: Connection): ConnectionFit {
  const checked = checkedOnce(graph)
  const reason = senselessness(checked, connection)
  if (reason !== null) return impossible(reason)
  const { index } = checked
  const target = index.blocks.get(connection.to)
  if (target === undefined) return impossible(`There is no block ${connection.to}.`)
  const merge = blockDefinition(target.type)?.inputs === 'many'
  const input = merge ? (connection.input ?? nextMergeInput(graph, target.id)) : null
  const replaces = index.incoming(target.id).find((other) => !merge || other.input === input) ?? null
  const shapes = arrivingShapes(checked, connection, input)
  if (shapes === null) return { fits: true, impossible: false, reason: null, replaces }
  const arriving = shapes.map((shape) => ({ shape, field: null }))
  // Only what arrives counts; problems with the block's own settings are shown at the block.
  const problem = evaluateBlock(target, arriving, null).issues.find(
    (issue) => issue.input !== undefined && fitIssueTexts[issue.code].severity === 'error',
  )
  return {
    fits: problem === undefined,
    impossible: false,
    reason: problem === undefined ? null : fitIssueMessage(problem.code, problem.details),
    replaces,
  }
}
