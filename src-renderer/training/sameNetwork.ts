/** Whether two graphs are the same network: blocks, settings and connections, not places, names, notes or order in the file. */
import { blockDefinition } from '#shared/blocks/index'
import { checkParams } from '#shared/blocks/paramValues'
import type { Graph } from '#shared/graph/types'

function textOf({ blocks, connections }: Graph): string {
  const network = blocks.map(({ id, type, params }) => {
    const definition = blockDefinition(type)
    return JSON.stringify([id, type, definition ? checkParams(definition, params).values : params])
  })
  const lines = connections.map(({ from, to, input }) => JSON.stringify([from, to, input ?? 0]))
  return [...network.sort(), ...lines.sort()].join('\n')
}

export function sameNetwork(a: Graph, b: Graph): boolean {
  return a === b || textOf(a) === textOf(b)
}
