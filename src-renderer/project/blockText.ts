/** What is written about a block: its definition's words, and a summary of its settings that survives wrong values. */
import { blockDefinition } from '#shared/blocks/index'
import type { AnyBlockDefinition } from '#shared/blocks/defineBlock'
import { checkParams } from '#shared/blocks/paramValues'
import type { Block } from '#shared/graph/types'

export function definitionOf(type: string): AnyBlockDefinition | undefined {
  return blockDefinition(type)
}

/** Settings with defaults filled in; wrong ones replaced by their default, which the fit report names. */
export function paramsOf(block: Block): Readonly<Record<string, unknown>> {
  const definition = definitionOf(block.type)
  return definition ? checkParams(definition, block.params).values : block.params
}

export function summaryOf(block: Block): string {
  return definitionOf(block.type)?.summary?.(paramsOf(block) as never) ?? ''
}

export function blockTitle(block: Block): string {
  return block.name ?? definitionOf(block.type)?.label ?? block.type
}
