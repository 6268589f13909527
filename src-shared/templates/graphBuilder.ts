/** Writes a network down block after block, with ids, connections and places on the canvas. Keeps track of the map's size. */
import { uniqueBlockId } from '../graph/uniqueBlockId'
import type { Pair } from '../ops'
import type { Block, BlockParams, Connection, Graph } from '../graph/types'

const columnWidth = 240
const rowHeight = 200

export class GraphBuilder {
  private readonly blocks: Block[] = []
  private readonly connections: Connection[] = []
  private readonly columns = new Map<string, number>()
  private lane = 0
  private lowestLane = 0
  private rowTop = 0
  private rowStart = 0

  /** Starts with the input block. */
  constructor(readonly input: readonly [height: number, width: number, channels: number]) {
    const [height, width, channels] = input
    this.add('input', { height, width, channels })
  }

  /** The block added last. */
  get last(): string {
    return this.blocks.at(-1)?.id ?? ''
  }

  /** Adds a block after `from` (the last one where left out; several for a merge) and answers its id. */
  add(type: string, params: BlockParams = {}, from: string | readonly string[] = this.last): string {
    const id = uniqueBlockId(type, this.blocks)
    const sources = this.blocks.length === 0 ? [] : typeof from === 'string' ? [from] : from
    sources.forEach((source, input) => {
      this.connections.push({ from: source, to: id, ...(sources.length > 1 ? { input } : {}) })
    })
    const after = Math.max(...sources.map((source) => this.columns.get(source) ?? 0), this.rowStart - 1) + 1
    const column = sources.length === 0 ? 0 : after
    this.columns.set(id, column)
    const position = [(column - this.rowStart) * columnWidth, (this.rowTop + this.lane) * rowHeight] as const
    this.blocks.push({ id, type, params, position })
    return id
  }

  /** Draws the next blocks on a lane of their own below the main one (0), for branches. */
  onLane(lane: number): void {
    this.lane = lane
    this.lowestLane = Math.max(this.lowestLane, lane)
  }

  /** Draws the next blocks on a new row, starting at the left again. */
  newRow(): void {
    this.rowTop += this.lowestLane + 1
    this.lane = 0
    this.lowestLane = 0
    this.rowStart = Math.max(...this.columns.values()) + 1
  }

  graph(): Graph {
    return { blocks: this.blocks, connections: this.connections, groups: [], notes: [] }
  }
}

/** Pooling of a map with windows side by side; padded where they would not come out even, so that no pixel is lost. */
export function poolParams(map: Pair, poolSize: number | Pair): BlockParams {
  const [vertical, horizontal] = typeof poolSize === 'number' ? [poolSize, poolSize] : poolSize
  const even = map[0] % vertical === 0 && map[1] % horizontal === 0
  return { poolSize, ...(even ? {} : { padding: 'same' }) }
}

/** Size after a pooling or a stride with `same` padding. */
export function shrunk(map: Pair, by: number | Pair): Pair {
  const [vertical, horizontal] = typeof by === 'number' ? [by, by] : by
  return [Math.ceil(map[0] / vertical), Math.ceil(map[1] / horizontal)]
}

/** Stride of a first convolution that brings large images down to about 100 pixels; 1 for small ones. */
export function stemStride(map: Pair): number {
  let stride = 1
  while (Math.max(...map) / stride > 112) stride *= 2
  return stride
}

/** Kernel of that first convolution: 3, or large enough to see every pixel twice. */
export function stemKernel(stride: number): number {
  return 2 * stride + 1
}
