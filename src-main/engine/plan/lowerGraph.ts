/** Graph → network: every block on the path from input to output lowered to its operations, sources resolved. */
import type { WeightSpec } from '#shared/blocks/defineBlock'
import { blockDefinition } from '#shared/blocks/index'
import { checkParams } from '#shared/blocks/paramValues'
import type { BlockFit } from '#shared/graph/fit'
import { indexGraph } from '#shared/graph/graphIndex'
import { inferShapes } from '#shared/graph/inferShapes'
import type { Block, Graph } from '#shared/graph/types'
import { InterlockError } from '#shared/issues/errors'
import { opWeightNames, type LoweredOp } from '#shared/ops'
import type { Network, NetworkNode, NetworkWeight } from './network'

function lowerBlock(block: Block, fit: BlockFit): readonly LoweredOp[] {
  const definition = blockDefinition(block.type)!
  const params = checkParams(definition, block.params).values as Parameters<
    typeof definition.lower
  >[0]['params']
  return definition.lower({ params, inputs: fit.inputs, output: fit.output! })
}

/** The operation's weights in the order passes expect, under their full names. */
function operationWeights(blockId: string, op: LoweredOp, specs: readonly WeightSpec[]): NetworkWeight[] {
  return opWeightNames[op.op].flatMap((own) => {
    const name = op.weights[own]
    if (name === undefined) return []
    return [{ name: `${blockId}/${name}`, spec: specs.find((spec) => spec.name === name)! }]
  })
}

/** Throws PROJECT_DOES_NOT_FIT with the errors while the graph does not fit. */
export function lowerGraph(graph: Graph): Network {
  const report = inferShapes(graph)
  if (!report.fits) {
    const errors = report.issues.filter(({ severity }) => severity === 'error')
    throw new InterlockError('PROJECT_DOES_NOT_FIT', {
      problems: errors.map(({ message }) => message).join(' '),
    })
  }
  const index = indexGraph(graph)
  const fits = new Map(report.blocks.map((fit) => [fit.id, fit]))
  const nodes: NetworkNode[] = []
  /** Name of the value each block puts out. */
  const values = new Map<string, string>()
  let input: Network['input'] | null = null
  let logits = ''
  let outputBlockId = ''

  for (const id of report.order) {
    const block = index.blocks.get(id)!
    const fit = fits.get(id)!
    const sources = index.incoming(id).map(({ from }) => values.get(from)!)
    const ops = lowerBlock(block, fit)
    ops.forEach((op, position) => {
      const nameOf = (at: number): string => (at === ops.length - 1 ? id : `${id}:${at}`)
      const from = op.from.map((source) => ('input' in source ? sources[source.input]! : nameOf(source.op)))
      const weights = operationWeights(id, op, fit.weights ?? [])
      nodes.push({ ...op, from, weights, name: nameOf(position), blockId: id } as NetworkNode)
    })
    if (block.type === 'input') input = { name: id, shape: fit.output! }
    if (block.type === 'output') {
      logits = sources[0]!
      outputBlockId = id
    }
    // A block that does nothing passes its input on.
    values.set(id, ops.length > 0 || sources.length === 0 ? id : sources[0]!)
  }
  return { input: input!, nodes, logits, outputBlockId }
}
