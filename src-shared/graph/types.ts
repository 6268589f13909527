/** A network as people draw it: blocks and connections. Plain data, as stored in the project file (blocks.md). */

/** Settings of one block, by name; which exist, their kinds and ranges are in the block's definition. */
export type BlockParams = Readonly<Record<string, unknown>>

export interface Block {
  id: string
  /** A block type of `blocks/index.ts`. A string, so that a file with an unknown type still opens and shows the error. */
  type: string
  params: BlockParams
  /** Used in exports; the id where it is missing. */
  name?: string | undefined
  /** `[x, y]` on the canvas, in pixels at zoom 1. */
  position?: readonly [number, number] | undefined
}

export interface Connection {
  from: string
  to: string
  /** 0-based input of a merge block; sets the order. Left out elsewhere. */
  input?: number | undefined
}

export interface Group {
  id: string
  name: string
  blocks: readonly string[]
  collapsed: boolean
}

export interface Note {
  id: string
  text: string
  position: readonly [number, number]
}

export interface Graph {
  blocks: readonly Block[]
  connections: readonly Connection[]
  groups: readonly Group[]
  notes: readonly Note[]
}

/** Receptive field in input pixels, vertical and horizontal; `stride` is null where it spans the whole input. */
export interface ReceptiveField {
  size: readonly [number, number]
  stride: readonly [number, number] | null
  start: readonly [number, number]
}

/** A plain edit of the graph. Applied with `applyEdits`; repairs are made of these. */
export type GraphEdit =
  | { kind: 'setParams'; blockId: string; params: BlockParams }
  | { kind: 'insertBlock'; block: Block; on: Connection }
  | { kind: 'addBlock'; block: Block }
  | { kind: 'removeBlock'; blockId: string; reconnect: boolean }
  | { kind: 'connect'; connection: Connection }
  | { kind: 'disconnect'; connection: Connection }
