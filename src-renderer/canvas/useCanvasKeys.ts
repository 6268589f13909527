/**
 * Keys on the canvas. Arrows walk along connections, with Shift they select on the way, with Ctrl they move what is selected.
 * Enter opens the settings, expands a group or writes in a comment. Typing adds a block. What else there is are commands.
 */
import { useEventListener } from '@vueuse/core'
import { nextTick, type Ref } from 'vue'
import { useCanvasStore } from '../stores/canvasStore'
import { connectionKey } from '../stores/fitStore'
import { useProjectStore } from '../stores/projectStore'
import { useUiStore } from '../stores/uiStore'
import { neighbour, type Direction } from './neighbour'
import { blocksOfNode, groupNode, noteNode } from './nodeIds'
import { useEditing } from './useEditing'

const directions: Record<string, Direction> = {
  ArrowRight: 'next',
  ArrowLeft: 'previous',
  ArrowUp: 'above',
  ArrowDown: 'below',
}
const shifts: Record<Direction, readonly [number, number]> = {
  next: [12, 0],
  previous: [-12, 0],
  above: [0, -12],
  below: [0, 12],
}

export function useCanvasKeys(root: Readonly<Ref<HTMLElement | null>>) {
  const projects = useProjectStore()
  const canvas = useCanvasStore()
  const ui = useUiStore()
  const editing = useEditing()

  function walk(node: string, direction: Direction, extend: boolean): void {
    const to = neighbour(canvas.links, canvas.places, node, direction)
    if (!to) return
    const blocks = blocksOfNode(projects.graph, to)
    if (extend) ui.selectAlso([...new Set([...ui.selectedBlocks, ...blocks])], ui.selectedNotes)
    else ui.select(...blocks)
    if (blocks[0]) ui.canvas?.bringIntoView(blocks[0])
    ui.canvas?.focusNode(to)
  }

  function open(node: string): void {
    const group = projects.graph.groups.find(({ id }) => groupNode(id) === node)
    const note = projects.graph.notes.some(({ id }) => noteNode(id) === node)
    if (note) ui.renaming = node
    else if (group) {
      editing.setCollapsed(group.id, false)
      ui.select(...group.blocks)
      if (group.blocks[0]) ui.canvas?.focusBlock(group.blocks[0])
    } else {
      if (!ui.panels.inspector.open) ui.togglePanel('inspector')
      void nextTick(() => {
        const field = document.querySelector<HTMLElement>('#inspector :is(input, select, button)')
        field?.focus()
        // What is typed takes the place of the old value, as after Tab.
        if (field instanceof HTMLInputElement) field.select()
      })
    }
  }

  function keyDown(event: KeyboardEvent): void {
    const node = event.target instanceof HTMLElement ? event.target.dataset['node'] : undefined
    if (node === undefined || event.altKey) return
    const mod = event.ctrlKey || event.metaKey
    const direction = directions[event.key]
    if (direction) {
      event.preventDefault()
      if (mod) editing.nudge(shifts[direction])
      else walk(node, direction, event.shiftKey)
    } else if (event.key === 'Enter' && !mod && !event.shiftKey) {
      event.preventDefault()
      open(node)
    }
  }

  /** Typing opens the list of blocks with what was typed: on the canvas, and while nothing in particular has the focus. */
  useEventListener(window, 'keydown', (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
    const target = event.target
    if (!(target instanceof HTMLElement) || document.querySelector('[role="dialog"], [role="alertdialog"]'))
      return
    if (
      target !== document.body &&
      target !== root.value &&
      !(target.dataset['node'] !== undefined && root.value?.contains(target))
    )
      return
    const letter = /^[\p{L}\d]$/u.test(event.key)
    if (!letter && event.key !== '/') return
    event.preventDefault()
    // Fast fingers: the list is asked for, but not on screen yet.
    if (ui.quickAdd) ui.quickAdd = { ...ui.quickAdd, typed: ui.quickAdd.typed + (letter ? event.key : '') }
    else quickAdd(letter ? event.key : '')
  })

  /** At the selected block or connection, where the menu was opened in the empty, or in the middle. */
  function quickAdd(typed: string): void {
    const box = root.value?.getBoundingClientRect()
    if (!box) return
    const boxOf = (selector: string) => root.value?.querySelector(selector)?.getBoundingClientRect()
    const id = ui.selectedBlocks.at(-1)
    const on = ui.selectedConnection
    const block = id && boxOf(`[data-node="${CSS.escape(canvas.nodes.of(id))}"]`)
    const line = on && boxOf(`[data-connection="${CSS.escape(connectionKey(on))}"] .line`)
    let screen = [box.left + box.width / 2 - 136, box.top + 72] as const
    if (ui.pointAt) screen = ui.pointAt.screen
    else if (block) screen = [block.right + 24, block.top]
    else if (line) screen = [line.x + line.width / 2, line.y + line.height / 2]
    ui.quickAdd = { screen, at: ui.pointAt?.canvas ?? null, on, from: null, to: null, typed }
  }

  return { keyDown, quickAdd }
}
