/** Keys on the canvas: arrows walk along connections, Enter opens the settings. */
import { nextTick } from 'vue'
import { useProjectStore } from '../stores/projectStore'
import { useUiStore } from '../stores/uiStore'
import { neighbour, type Direction } from './neighbour'

const directions: Record<string, Direction> = {
  ArrowRight: 'next',
  ArrowLeft: 'previous',
  ArrowUp: 'above',
  ArrowDown: 'below',
}

export function useCanvasKeys() {
  const projects = useProjectStore()
  const ui = useUiStore()

  function keyDown(event: KeyboardEvent): void {
    if (!(event.target instanceof HTMLElement) || !event.target.matches('.block')) return
    const from = ui.selectedBlocks[0]
    const direction = directions[event.key]
    if (direction && from && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault()
      const to = neighbour(projects.graph, from, direction)
      if (to) ui.reveal(to)
    } else if (event.key === 'Enter') {
      event.preventDefault()
      if (!ui.panels.inspector.open) ui.togglePanel('inspector')
      void nextTick(() =>
        document.querySelector<HTMLElement>('#inspector :is(input, select, button)')?.focus(),
      )
    }
  }
  return { keyDown }
}
