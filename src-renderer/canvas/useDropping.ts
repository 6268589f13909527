/** What lands on the canvas: blocks dragged in from the palette, and blocks dragged about, also onto a connection. */
import { useVueFlow, type NodeDragEvent } from '@vue-flow/core'
import { ref } from 'vue'
import { t } from '../i18n'
import { draggedType, isBlockDrag } from '../palette/dragBlock'
import { useNewParams } from '../palette/useAppendBlock'
import { blockTitle, definitionOf } from '../project/blockText'
import { useCanvasStore } from '../stores/canvasStore'
import { useProjectStore } from '../stores/projectStore'
import { useUiStore } from '../stores/uiStore'
import { blockHeight, blockWidth } from './blockSize'
import { flowId } from './flowAdapter'
import { movable, moveOnto } from './moveInChain'
import { dropBlock } from './placeNewBlock'
import { withPlaces } from './withPlaces'

export function useDropping() {
  const projects = useProjectStore()
  const canvas = useCanvasStore()
  const ui = useUiStore()
  const newParams = useNewParams()
  const { screenToFlowCoordinate } = useVueFlow(flowId)
  /** Id of the connection that what is being dragged would be put into. */
  const dropTarget = ref<string | null>(null)

  function linkAt(x: number, y: number): string | null {
    for (const element of document.elementsFromPoint(x, y)) {
      const id = element.closest('.connection')?.getAttribute('data-connection')
      if (id) return id
    }
    return null
  }
  const connectionOf = (id: string | null) => canvas.links.find((link) => link.id === id)?.connection ?? null

  function dragOver(event: DragEvent): void {
    if (!isBlockDrag(event)) return
    event.preventDefault()
    if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy'
    dropTarget.value = linkAt(event.clientX, event.clientY)
  }
  function dragLeave(): void {
    dropTarget.value = null
  }
  function drop(event: DragEvent): void {
    const type = draggedType(event)
    const on = connectionOf(linkAt(event.clientX, event.clientY))
    dropTarget.value = null
    if (!type) return
    event.preventDefault()
    const { x, y } = screenToFlowCoordinate({ x: event.clientX, y: event.clientY })
    const what = { type, params: newParams(type) }
    const placed = dropBlock(projects.graph, what, [x - blockWidth / 2, y - blockHeight / 2], on)
    projects.editGraph(t('steps.add', { block: definitionOf(type)?.label ?? type }), placed.graph)
    ui.select(placed.blockId)
  }

  /** The connection under a single dragged block that it could be moved into. */
  function dragBlocks({ event, node, nodes }: NodeDragEvent): void {
    const block = nodes.length === 1 ? projects.blocks.get(node.id) : undefined
    if (!movable(block)) return
    const { clientX, clientY } = 'changedTouches' in event ? event.changedTouches[0]! : event
    const id = linkAt(clientX, clientY)
    const on = connectionOf(id)
    dropTarget.value = on && on.from !== block.id && on.to !== block.id ? id : null
  }

  /** What was dragged lies in `canvasStore` until it is let go. */
  function letGo(): void {
    const dragged = canvas.dragged
    const [only] = dragged.keys()
    const on = connectionOf(dropTarget.value)
    dropTarget.value = null
    canvas.dragged = new Map()
    if (dragged.size === 0) return
    const graph = withPlaces(projects.graph, dragged, canvas.places)
    const inserted = on && only ? moveOnto(graph, only, on) : null
    const block = only ? projects.blocks.get(only) : undefined
    if (inserted && block) projects.editGraph(t('steps.insert', { block: blockTitle(block) }), inserted)
    else projects.editGraph(t('steps.move', { count: dragged.size }), graph)
  }

  return { dropTarget, dragOver, dragLeave, drop, dragBlocks, letGo }
}
