/** Writes a network down block after block, with ids, connections and places on the canvas. */
import { uniqueBlockId } from '../graph/uniqueBlockId'
import type { Block, BlockParams, Connection, Graph } from '../graph/types'

const columnWidth = 240
const rowHeight = 180

export interface GraphBuilder {
  /** Adds a block after `from` (the last one added when left out; several for a merge) and answers its id. */
  add(type: string, params?: BlockParams, from?: string | readonly string[]): string
  /** Lane of the next blocks: 0 is the main line, others are drawn below or above it. */
  lane(lane: number): void
  graph(): Graph
}

export function graphBuilder(): GraphBuilder {
  const blocks: Block[] = []
  const connections: Connection[] = []
  const columns = new Map<string, number>()
  let lane = 0
  return {
    add(type, params = {}, from) {
      const id = uniqueBlockId(type, blocks)
      const last = blocks.at(-1)?.id
      const given = from ?? last
      const sources = given === undefined ? [] : typeof given === 'string' ? [given] : given
      const merge = sources.length > 1
      sources.forEach((source, input) =>
        connections.push({ from: source, to: id, ...(merge ? { input } : {}) }),
      )
      const column = Math.max(-1, ...sources.map((source) => columns.get(source) ?? 0)) + 1
      columns.set(id, column)
      blocks.push({ id, type, params, position: [column * columnWidth, lane * rowHeight] })
      return id
    },
    lane(next) {
      lane = next
    },
    graph: () => ({ blocks, connections, groups: [], notes: [] }),
  }
}
