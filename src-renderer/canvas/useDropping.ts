/** What lands on the canvas: blocks dragged in from the palette, and blocks dragged about, also onto a connection. */
import { useVueFlow, type NodeDragEvent } from '@vue-flow/core'
import { ref } from 'vue'
import { t } from '../i18n'
import { draggedType, isBlockDrag } from '../palette/dragBlock'
import { definitionOf } from '../project/blockText'
import { useCanvasStore } from '../stores/canvasStore'
import { useProjectStore } from '../stores/projectStore'
import { useUiStore } from '../stores/uiStore'
import { blockHeight, blockWidth } from './blockSize'
import { flowId } from './flowAdapter'
import { dropBlock } from './placeNewBlock'
import { withPlaces } from './withPlaces'

export function useDropping() {
  const projects = useProjectStore()
  const canvas = useCanvasStore()
  const ui = useUiStore()
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
    const placed = dropBlock(projects.graph, type, [x - blockWidth / 2, y - blockHeight / 2], on)
    projects.editGraph(t('steps.add', { block: definitionOf(type)?.label ?? type }), placed.graph)
    ui.select(placed.blockId)
  }

  function dragBlocks(_: NodeDragEvent): void {}
  /** What was dragged lies in `canvasStore` until it is let go. */
  function letGo(): void {
    const count = canvas.dragged.size
    const graph = withPlaces(projects.graph, canvas.dragged, canvas.places)
    projects.editGraph(t('steps.move', { count }), graph)
    canvas.dragged = new Map()
  }

  return { dropTarget, dragOver, dragLeave, drop, dragBlocks, letGo }
}
