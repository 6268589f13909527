/**
 * A network between graph and plan: the operations that the blocks lower to, in topological order, with every data
 * source resolved. Plain data; the smallest thing a plan can be compiled from.
 */
import type { WeightSpec } from '#shared/blocks/defineBlock'
import type { OpAttrs, OpName, Shape } from '#shared/ops'

/** A weight of a node: its full name `<blockId>/<weightName>` and its specification. */
export interface NetworkWeight {
  name: string
  spec: WeightSpec
}

/** One forward operation of a given kind. `from` names other nodes, or the input. */
export interface NodeOf<K extends OpName> {
  readonly op: K
  readonly attrs: OpAttrs[K]
  /** `c1` for a block's last operation, `c1:0` for an earlier one. Unique. */
  readonly name: string
  readonly blockId: string
  readonly from: readonly string[]
  /** In the order of `opWeightNames`; a bias that the block does not use is left out. */
  readonly weights: readonly NetworkWeight[]
  readonly output: Shape
}

export type NetworkNode = { [K in OpName]: NodeOf<K> }[OpName]

export interface Network {
  /** Name of the value that holds the image (the input block's id). */
  input: { name: string; shape: Shape }
  nodes: readonly NetworkNode[]
  /** Name of the value that holds the logits. */
  logits: string
  /** Id of the output block, for messages. */
  outputBlockId: string
}
