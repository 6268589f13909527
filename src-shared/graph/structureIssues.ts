/** Issues of how blocks are connected, whatever their sizes. */
import { blockDefinition } from '../blocks/index'
import type { ErrorDetails } from '../issues/errors'
import type { FitIssueCode } from '../issues/fitIssues'
import type { CheckedGraph, RawIssue } from './checkGraph'
import { blocksOfType } from './graphIndex'
import type { Block, Connection } from './types'

function issue(
  code: FitIssueCode,
  details: ErrorDetails,
  blockId: string | null = null,
  connection: Connection | null = null,
): RawIssue {
  return { code, blockId, connection, details, proposals: [] }
}

function endIssues({ index }: CheckedGraph): RawIssue[] {
  const inputs = blocksOfType(index, 'input').length
  const outputs = blocksOfType(index, 'output').length
  return [
    ...(inputs === 0 ? [issue('NO_INPUT', {})] : []),
    ...(inputs > 1 ? [issue('SEVERAL_INPUTS', { count: inputs })] : []),
    ...(outputs === 0 ? [issue('NO_OUTPUT', {})] : []),
    ...(outputs > 1 ? [issue('SEVERAL_OUTPUTS', { count: outputs })] : []),
  ]
}

/** The first input number of a merge that nothing is connected to, or null. */
function missingInput(connections: readonly Connection[]): number | null {
  const gap = connections.findIndex(({ input }, i) => input !== i)
  if (gap >= 0) return gap
  return connections.length < 2 ? connections.length : null
}

function arrivalIssue(checked: CheckedGraph, block: Block): RawIssue | null {
  const definition = blockDefinition(block.type)
  if (definition === undefined) return null
  const connections = checked.index.incoming(block.id)
  const count = connections.length
  if (definition.inputs === 'none') {
    if (count === 0) return null
    return issue('TOO_MANY_INPUTS', { type: definition.label, expected: 'no connection', count }, block.id)
  }
  if (definition.inputs === 'one') {
    if (count === 1) return null
    if (count > 1) {
      return issue('TOO_MANY_INPUTS', { type: definition.label, expected: 'one connection', count }, block.id)
    }
    // A block that leads nowhere and takes from nowhere is unused rather than wrong.
    if (!checked.toOutput.has(block.id)) return null
    const problem =
      block.type === 'output'
        ? 'Nothing arrives at the output block. Connect the last block to it.'
        : `Nothing arrives at ${block.id} (${definition.label}), so the output is cut off from the input. Connect a block to it.`
    return issue('NOT_CONNECTED', { problem }, block.id)
  }
  const missing = missingInput(connections)
  if (missing === null || (count === 0 && !checked.toOutput.has(block.id))) return null
  const problem =
    count < 2
      ? `${definition.label} joins two or more inputs, but ${count === 0 ? 'none' : 'only one'} arrives. Connect another block to it.`
      : `Nothing arrives at input ${missing} of ${block.id}, but at a later one. Connect a block to it, or renumber the inputs.`
  return issue('NOT_CONNECTED', { problem }, block.id)
}

/** Not on a path from input to output. What only lacks its input is no loose end: something waits for it (NOT_CONNECTED). */
function isUnused({ fromInput, toOutput, connected }: CheckedGraph, { id, type }: Block): boolean {
  if (type === 'input' || type === 'output' || toOutput.has(id)) return false
  // While nothing reaches the output yet, blocks that hang on the input are on their way there.
  return connected || !fromInput.has(id)
}

export function structureIssues(checked: CheckedGraph): RawIssue[] {
  const { index, topology } = checked
  const issues = endIssues(checked)
  for (const block of index.duplicates) {
    const details = { setting: 'id', expected: 'an id no other block has', found: block.id }
    issues.push(issue('INVALID_SETTING', details, block.id))
  }
  for (const { connection, problem } of index.invalid) {
    const blockId = index.blocks.has(connection.to) ? connection.to : null
    const details = { from: connection.from, to: connection.to, problem }
    issues.push(issue('INVALID_CONNECTION', details, blockId, connection))
  }
  for (const { path, closing } of topology.cycles) {
    const details = { path: [...path, path[0] ?? ''].join(' → ') }
    issues.push(issue('CYCLE', details, closing.to, closing))
  }
  for (const block of index.blocks.values()) {
    const arrival = arrivalIssue(checked, block)
    if (arrival !== null) issues.push(arrival)
    if (isUnused(checked, block)) issues.push(issue('UNUSED_BLOCK', {}, block.id))
  }
  return issues
}
