/**
 * Gives Vue Flow the nodes of the canvas and takes its changes back: what is selected goes to `uiStore`, which is the truth,
 * and what is dragged is noted in `canvasStore`. Only what differs is touched, as each change of a node draws it anew.
 */
import { useVueFlow, type GraphNode, type NodeChange } from '@vue-flow/core'
import { markRaw, toRaw, watch } from 'vue'
import { definitionOf } from '../project/blockText'
import { useCanvasStore } from '../stores/canvasStore'
import { useProjectStore } from '../stores/projectStore'
import { useUiStore } from '../stores/uiStore'
import { type Position } from './blockSize'
import { flowId, makeNode, portsOf, type NodeKind } from './flowAdapter'
import { groupNode, noteNode } from './nodeIds'
import { noteSize } from './noteSize'

export function useFlowNodes(): void {
  const flow = useVueFlow(flowId)
  const projects = useProjectStore()
  const canvas = useCanvasStore()
  const ui = useUiStore()

  // Sizes and ports are known; measuring 500 blocks in the document would take longer than drawing them.
  Object.assign(flow, { updateNodeDimensions: () => undefined })
  flow.applyDefault.value = false

  const find = (id: string): GraphNode | undefined => flow.findNode(id)
  /** To look at them only: reading through Vue's proxies takes long with many. */
  const rawNodes = (): GraphNode[] => toRaw(flow.nodes.value).map(toRaw)

  function syncNodes(): void {
    const before = rawNodes()
    const known = new Map(before.map((node) => [node.id, node]))
    const next: GraphNode[] = []
    let same = true
    const take = (id: string, kind: NodeKind, at: Position, size?: { width: number; height: number }) => {
      const old = known.get(id)
      if (old) {
        if (old.position.x !== at[0] || old.position.y !== at[1]) find(id)!.position = { x: at[0], y: at[1] }
        if (size && old.dimensions.height !== size.height) find(id)!.dimensions = markRaw(size)
      }
      if (before[next.length]?.id !== id) same = false
      next.push(old ?? makeNode(id, kind, at, size))
    }
    for (const block of projects.graph.blocks) {
      const at = canvas.places.get(block.id)
      if (at && !canvas.hiddenBy.has(block.id) && !canvas.waiting.has(block.id)) take(block.id, 'block', at)
    }
    for (const group of projects.graph.groups) {
      const at = canvas.places.get(groupNode(group.id))
      if (group.collapsed && at) take(groupNode(group.id), 'group', at)
    }
    for (const note of projects.graph.notes)
      take(noteNode(note.id), 'note', note.position, noteSize(note.text))
    if (!same || next.length !== before.length) flow.nodes.value = next
  }

  function syncPorts(): void {
    const types = new Map(projects.graph.blocks.map((block) => [block.id, block.type]))
    for (const node of rawNodes()) {
      const { id } = node
      const type = types.get(id)
      if (type === undefined && node.type !== 'group') continue
      const inputs = type === undefined ? 1 : (canvas.inputCounts.get(id) ?? 1)
      const hasOutput = type === undefined || (definitionOf(type)?.hasOutput ?? true)
      const { source, target } = node.handleBounds
      if (target?.length === inputs && (source?.length === 1) === hasOutput) continue
      find(id)!.handleBounds = markRaw(portsOf(id, inputs, hasOutput))
    }
  }

  /** Node ids that are to look selected: blocks, notes, and collapsed groups of which all blocks are. */
  function wanted(): Set<string> {
    const blocks = new Set(ui.selectedBlocks)
    const ids = new Set([...blocks, ...ui.selectedNotes.map(noteNode)])
    for (const group of projects.graph.groups) {
      if (group.collapsed && group.blocks.every((id) => blocks.has(id))) ids.add(groupNode(group.id))
    }
    return ids
  }
  function syncSelection(): void {
    const ids = wanted()
    for (const { id, selected } of rawNodes()) {
      if (selected !== ids.has(id)) find(id)!.selected = !selected
    }
    flow.nodesSelectionActive.value = false
  }

  watch(
    [() => canvas.places, () => canvas.waiting, () => projects.graph.groups, () => projects.graph.notes],
    () => {
      syncNodes()
      syncPorts()
      syncSelection()
    },
    { immediate: true },
  )
  watch(() => canvas.inputCounts, syncPorts)
  // A group's frame moves its blocks without Vue Flow.
  watch(
    () => canvas.dragged,
    (dragged) => {
      for (const [id, [x, y]] of dragged) {
        const node = find(id)
        if (node && (node.position.x !== x || node.position.y !== y)) node.position = { x, y }
      }
    },
    { flush: 'sync' },
  )
  watch([() => ui.selectedBlocks, () => ui.selectedNotes], syncSelection)

  function selectNodes(): void {
    const ids = new Set(
      rawNodes()
        .filter((node) => node.selected)
        .map((node) => node.id),
    )
    ui.selectAlso(
      projects.graph.blocks.filter(({ id }) => ids.has(canvas.nodes.of(id))).map(({ id }) => id),
      projects.graph.notes.filter(({ id }) => ids.has(noteNode(id))).map(({ id }) => id),
    )
  }

  flow.onNodesChange((changes: NodeChange[]) => {
    let selection = false
    const moved = new Map(canvas.dragged)
    for (const change of changes) {
      if (change.type === 'select') {
        selection = true
        const node = find(change.id)
        if (node) node.selected = change.selected
      } else if (change.type === 'position') {
        const node = find(change.id)
        if (!node) continue
        node.dragging = change.dragging ?? false
        if (!change.position) continue
        const { x, y } = change.position
        node.position = { x, y }
        moved.set(change.id, [x, y])
      }
    }
    if (moved.size > 0) canvas.dragged = moved
    if (selection) selectNodes()
  })
  flow.onPaneClick(() => ui.select())
  // A plain click on one of several chooses that one.
  flow.onNodeClick(({ event, node }) => {
    if (event.shiftKey || event.ctrlKey || event.metaKey) return
    for (const { id, selected } of rawNodes()) if (selected && id !== node.id) find(id)!.selected = false
    selectNodes()
  })
}
