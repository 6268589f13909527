/**
 * What of the graph is on the canvas, and where: blocks that no collapsed group hides, collapsed groups in their stead, and
 * the connections among these; and what each of them shows. After an edit only what differs is told on. While something is
 * dragged its place is here only; the graph learns of it at the end.
 */
import { defineStore } from 'pinia'
import { computed, markRaw, shallowRef, watch } from 'vue'
import { sameConnection } from '#shared/graph/applyEdits'
import type { BlockFit } from '#shared/graph/fit'
import type { Block, Connection, Group } from '#shared/graph/types'
import type { Severity } from '#shared/issues/fitIssues'
import { shapeText } from '#shared/layout/shapeText'
import { blockRect, inputPort, outputPort, type Position, type Rect } from '../canvas/blockSize'
import { groupNode, noteNode } from '../canvas/nodeIds'
import { newNote, noteRect } from '../canvas/noteSize'
import { obstacleIndex } from '../canvas/obstacles'
import { definitionOf } from '../project/blockText'
import { connectionKey, useFitStore } from './fitStore'
import { keyedRefs, sameFields } from './keyedRefs'
import { useProjectStore } from './projectStore'
import { useUiStore } from './uiStore'

/** A connection as it is drawn: between blocks, or the collapsed groups that hide them. */
export interface Link {
  id: string
  connection: Connection
  /** Node ids. */
  from: string
  to: string
  /** Where the line meets the two, measured from their top left corners. */
  out: Position
  into: Position
}

/** What a block on the canvas shows. */
export interface BlockView {
  block: Block
  fit: BlockFit | undefined
  inputs: number
  /** Rows and columns of its map that no block after it reads. */
  unreadRows: number
  unreadColumns: number
  worst: Severity | null
  issues: number
  message: string
  /** The one block that Tab reaches. */
  tabStop: boolean
}

/** What a connection shows. */
export interface LinkView {
  label: string
  misfit: boolean
  selected: boolean
}

interface Place {
  at: Position
  dragged: boolean
}

const nowhere: Position = [0, 0]

/** So many blocks are put on the canvas at once; of more, those within this distance of the first, and then some per frame. */
const seenAtOnce = 80
const seenFirst = 1900
const arriveTogether = 16

function sameMap(a: ReadonlyMap<string, Position>, b: ReadonlyMap<string, Position>): boolean {
  if (a.size !== b.size) return false
  for (const [id, place] of b) {
    const other = a.get(id)
    if (!other || other[0] !== place[0] || other[1] !== place[1]) return false
  }
  return true
}

export const useCanvasStore = defineStore('canvas', () => {
  const projects = useProjectStore()
  const fits = useFitStore()
  const ui = useUiStore()

  const groups = computed(() => projects.graph.groups)
  const connections = computed(() => projects.graph.connections)
  const notes = computed(() => projects.graph.notes)

  /** The collapsed group that hides a block. */
  const hiddenBy = computed(() => {
    const found = new Map<string, Group>()
    for (const group of groups.value) if (group.collapsed) for (const id of group.blocks) found.set(id, group)
    return found
  })
  const nodeOf = (blockId: string): string => {
    const group = hiddenBy.value.get(blockId)
    return group ? groupNode(group.id) : blockId
  }

  /* Places, by node id. A collapsed group lies where its first block was: there it covers nothing. */
  const places = computed<ReadonlyMap<string, Position>>((before) => {
    const found = new Map<string, Position>()
    for (const { id, position = nowhere } of projects.graph.blocks) {
      const node = nodeOf(id)
      if (!found.has(node)) found.set(node, position)
    }
    return before && sameMap(before, found) ? before : found
  })
  const dragged = shallowRef<ReadonlyMap<string, Position>>(new Map())
  const placeRefs = keyedRefs<Place>((a, b) => a.at === b.at && a.dragged === b.dragged)
  watch(
    [places, () => dragged.value],
    () => {
      const moving = dragged.value
      placeRefs.update(
        [...places.value].map(([id, at]) => [id, { at: moving.get(id) ?? at, dragged: moving.has(id) }]),
      )
    },
    { immediate: true, flush: 'sync' },
  )
  const rects = computed(() => new Map([...places.value].map(([id, at]) => [id, blockRect(at)])))
  /** What connections lead around. */
  const obstacles = computed(() => obstacleIndex(rects.value))
  /** What a callout or a new comment must not cover. A comment counts with the size it has while it is written. */
  const covered = computed(() => {
    const all = new Map<string, Rect>(rects.value)
    for (const note of notes.value) {
      const rect = noteRect(note)
      all.set(noteNode(note.id), { ...rect, height: Math.max(rect.height, newNote.height) })
    }
    return obstacleIndex(all)
  })
  const bounds = computed<Rect>(() => {
    let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
    const take = ({ x, y, width, height }: Rect) => {
      left = Math.min(left, x)
      top = Math.min(top, y)
      right = Math.max(right, x + width)
      bottom = Math.max(bottom, y + height)
    }
    for (const rect of rects.value.values()) take(rect)
    for (const note of notes.value) take(noteRect(note))
    return left > right
      ? { x: 0, y: 0, width: 0, height: 0 }
      : { x: left, y: top, width: right - left, height: bottom - top }
  })

  /** Merges get one input port for each connection and one more that is free. */
  const inputCounts = computed<ReadonlyMap<string, number>>((before) => {
    const found = new Map<string, number>()
    const { into } = projects.links
    for (const { id, type } of projects.graph.blocks) {
      const inputs = definitionOf(type)?.inputs ?? 'one'
      const arrived = (into.get(id) ?? []).map((connection) => connection.input ?? 0)
      const count = inputs === 'none' ? 0 : inputs === 'one' ? 1 : Math.max(2, Math.max(-1, ...arrived) + 2)
      found.set(id, count)
    }
    const same = before?.size === found.size && [...found].every(([id, count]) => before.get(id) === count)
    return same ? before! : found
  })

  /**
   * Nodes of a large project that was just loaded which are not put on the canvas yet: what is seen first comes first, the rest
   * with the next frames.
   */
  const waiting = shallowRef<ReadonlySet<string>>(new Set())
  let arrival = 0
  function arrive(): void {
    const left = [...waiting.value]
    waiting.value = new Set(left.slice(arriveTogether))
    if (waiting.value.size > 0) arrival = requestAnimationFrame(arrive)
  }
  watch(
    () => projects.loads,
    () => {
      cancelAnimationFrame(arrival)
      const all = [...places.value]
      const [left, top] = all[0]?.[1] ?? nowhere
      const far = all.filter(([, [x, y]]) => Math.abs(x - left) > seenFirst || Math.abs(y - top) > seenFirst)
      waiting.value = new Set(all.length > seenAtOnce ? far.map(([id]) => id) : [])
      if (waiting.value.size > 0) arrival = requestAnimationFrame(arrive)
    },
    { immediate: true, flush: 'sync' },
  )

  const links = computed<readonly Link[]>((before) => {
    const known = new Map(before?.map((link) => [link.id, link]))
    return connections.value.flatMap((connection) => {
      const [from, to] = [nodeOf(connection.from), nodeOf(connection.to)]
      if (!places.value.has(from) || !places.value.has(to)) return []
      if (waiting.value.has(from) || waiting.value.has(to)) return []
      if (from === to && hiddenBy.value.has(connection.from)) return []
      const grouped = to !== connection.to
      const count = grouped ? 1 : (inputCounts.value.get(to) ?? 1)
      const [intoX, intoY] = inputPort(grouped ? 0 : (connection.input ?? 0), count)
      const id = connectionKey(connection)
      const old = known.get(id)
      const same =
        old?.connection === connection && old.from === from && old.to === to && old.into[1] === intoY
      return [same ? old : { id, connection, from, to, out: outputPort, into: [intoX, intoY] as const }]
    })
  })

  /* What is shown. */
  const blockViews = keyedRefs<BlockView>(sameFields)
  const linkViews = keyedRefs<LinkView>(sameFields)

  /** What of a block's map the next blocks never read, `side` 0 for rows and 1 for columns. */
  function unread(readers: readonly Connection[], side: 0 | 1): number {
    if (readers.length === 0) return 0
    return Math.min(...readers.map(({ to }) => fits.blocks.get(to)?.neverRead[side] ?? 0))
  }
  const tabStop = computed(() => ui.selectedBlocks[0] ?? projects.graph.blocks[0]?.id)

  function viewOf(block: Block): BlockView {
    const issues = fits.issuesByBlock.get(block.id)
    const readers = projects.links.outOf.get(block.id) ?? []
    return {
      block,
      fit: fits.blocks.get(block.id),
      inputs: inputCounts.value.get(block.id) ?? 1,
      unreadRows: unread(readers, 0),
      unreadColumns: unread(readers, 1),
      worst: issues?.[0]?.severity ?? null,
      issues: issues?.length ?? 0,
      message: issues?.[0]?.message ?? '',
      tabStop: block.id === tabStop.value,
    }
  }
  watch(
    [() => projects.graph, () => fits.report, tabStop],
    () => blockViews.update(projects.graph.blocks.map((block) => [block.id, viewOf(block)])),
    { immediate: true },
  )
  watch(
    [links, () => fits.report, () => ui.selectedConnection],
    () => {
      const chosen = ui.selectedConnection
      linkViews.update(
        links.value.map(({ id, connection }) => {
          const output = fits.blocks.get(connection.from)?.output
          return [
            id,
            {
              label: output ? shapeText(output) : '',
              misfit: fits.issueByConnection.has(id),
              selected: chosen !== null && sameConnection(chosen, connection),
            },
          ]
        }),
      )
    },
    { immediate: true },
  )

  return {
    dragged,
    hiddenBy,
    places,
    waiting,
    bounds,
    obstacles,
    covered,
    inputCounts,
    links,
    // Not as functions of the store itself: Pinia wraps those, and these are asked for every block.
    nodes: markRaw({
      /** The node that stands for a block: its own, or the collapsed group that hides it. */
      of: nodeOf,
      /** Where a node is now, dragged or not; reactive by node. */
      place: (node: string): Position => placeRefs.get(node)?.at ?? nowhere,
      isDragged: (node: string): boolean => placeRefs.get(node)?.dragged ?? false,
    }),
    /** What is shown, reactive by block and by connection. */
    shown: markRaw({ block: blockViews.get, link: linkViews.get }),
  }
})
