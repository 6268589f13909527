/** The whole fit check without repairs: what `inferShapes` reports, and what repairs are tried with. */
import { blockDefinition } from '../blocks/index'
import type { IssueProposal, RepairProposal } from '../blocks/defineBlock'
import { fitIssueTexts, type FitIssueCode } from '../issues/fitIssues'
import type { ErrorDetails } from '../issues/errors'
import type { Pair } from '../ops'
import { evaluateBlock, type Arriving } from './evaluateBlock'
import type { BlockFit, DataRequirements } from './fit'
import { blocksOfType, indexGraph, reachableFrom, type GraphIndex } from './graphIndex'
import { networkIssues } from './networkIssues'
import type { EvaluateBlock } from './rememberBlocks'
import { structureIssues } from './structureIssues'
import { orderBlocks, type TopologicalOrder } from './topologicalOrder'
import type { Block, Connection, Graph } from './types'

/** An issue before its text is written and its repairs are tried. */
export interface RawIssue {
  code: FitIssueCode
  blockId: string | null
  connection: Connection | null
  details: ErrorDetails
  /** Repairs the block itself proposed. */
  proposals: readonly RepairProposal[]
}

/** What the checks share. Ids everywhere; `fits` has every block. */
export interface CheckedGraph {
  index: GraphIndex
  topology: TopologicalOrder
  requirements: Partial<DataRequirements>
  fits: ReadonlyMap<string, BlockFit>
  /** Ids reachable from an input block, and ids from which an output block is reachable. */
  fromInput: ReadonlySet<string>
  toOutput: ReadonlySet<string>
  /** Whether some output is reachable from some input. */
  connected: boolean
  /** What training would use, in topological order: blocks on a path, or while there is none all that hang on an end. */
  used: readonly string[]
  issues: readonly RawIssue[]
}

/** What arrives at a block, or null while inputs are missing or too many. */
function arrivingAt(index: GraphIndex, block: Block, fits: ReadonlyMap<string, BlockFit>): Arriving[] | null {
  const kind = blockDefinition(block.type)?.inputs
  const connections = index.incoming(block.id)
  if (kind === 'none') return []
  if (kind === 'one' && connections.length !== 1) return null
  if (kind === 'many' && (connections.length < 2 || connections.some(({ input }, i) => input !== i)))
    return null
  return connections.map(({ from }) => {
    const source = fits.get(from)
    return { shape: source?.output ?? null, field: source?.receptiveField ?? null }
  })
}

function imageSize(index: GraphIndex, evaluate: EvaluateBlock): Pair | null {
  const inputs = blocksOfType(index, 'input')
  const [input] = inputs
  if (inputs.length !== 1 || input === undefined) return null
  const { output } = evaluate(input, [], null).fit
  return output === null ? null : [output[0] ?? 0, output[1] ?? 0]
}

function fromBlock(index: GraphIndex, blockId: string, issue: IssueProposal): RawIssue {
  const connection = issue.input === undefined ? null : (index.incoming(blockId)[issue.input] ?? null)
  return { code: issue.code, blockId, connection, details: issue.details, proposals: issue.repairs ?? [] }
}

export function checkGraph(
  graph: Graph,
  requirements: Partial<DataRequirements> = {},
  evaluate: EvaluateBlock = evaluateBlock,
): CheckedGraph {
  const index = indexGraph(graph)
  const topology = orderBlocks(index)
  const image = imageSize(index, evaluate)
  const fits = new Map<string, BlockFit>()
  const blockIssues: RawIssue[] = []
  for (const id of topology.order) {
    const block = index.blocks.get(id)
    if (block === undefined) continue
    const { fit, issues } = evaluate(block, arrivingAt(index, block, fits), image)
    fits.set(id, fit)
    for (const issue of issues) blockIssues.push(fromBlock(index, id, issue))
  }
  const inputIds = blocksOfType(index, 'input').map(({ id }) => id)
  const outputIds = blocksOfType(index, 'output').map(({ id }) => id)
  const fromInput = reachableFrom(inputIds, (id) => index.outgoing(id).map(({ to }) => to))
  const toOutput = reachableFrom(outputIds, (id) => index.incoming(id).map(({ from }) => from))
  const connected = outputIds.some((id) => fromInput.has(id))
  const used = topology.order.filter((id) =>
    connected ? toOutput.has(id) : fromInput.has(id) || toOutput.has(id),
  )
  const checked = { index, topology, requirements, fits, fromInput, toOutput, connected, used, issues: [] }
  const issues = [...structureIssues(checked), ...blockIssues, ...networkIssues(checked)]
  return { ...checked, issues }
}

/** Sum over the blocks that training would use; null as soon as one is unknown. */
export function totalOf({ used, fits }: CheckedGraph, key: 'params' | 'trainable' | 'macs'): number | null {
  let sum = 0
  for (const id of used) {
    const value = fits.get(id)?.[key] ?? null
    if (value === null) return null
    sum += value
  }
  return sum
}

export function isError(issue: RawIssue): boolean {
  return fitIssueTexts[issue.code].severity === 'error'
}
