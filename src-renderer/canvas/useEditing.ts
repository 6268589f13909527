/** Edits of what is selected: remove, duplicate, copy, paste, lay out. Each is one step to undo. */
import { applyEdits } from '#shared/graph/applyEdits'
import type { Repair } from '#shared/graph/fit'
import type { GraphEdit } from '#shared/graph/types'
import { nextTick } from 'vue'
import { t } from '../i18n'
import { useNoticeStore } from '../stores/noticeStore'
import { useProjectStore } from '../stores/projectStore'
import { useUiStore } from '../stores/uiStore'
import { addFragment, fragmentOf, fragmentText, readFragment } from './clipboard'
import { makeRoom } from './placeNewBlock'
import { layoutGraph, withPositions } from './layoutGraph'

/** What was copied last, for shells that do not let a menu command read the clipboard. */
let lastCopied: string | null = null

export function useEditing() {
  const projects = useProjectStore()
  const ui = useUiStore()
  const notices = useNoticeStore()

  /** Removes the selected connection, or the selected blocks; what they joined is joined again where that makes sense. */
  function remove(): void {
    const connection = ui.selectedConnection
    if (connection) {
      projects.applyGraphEdits(t('steps.disconnect'), [{ kind: 'disconnect', connection }])
      ui.selectConnection(null)
      return
    }
    const ids = ui.selectedBlocks
    if (ids.length === 0) return
    // The keyboard goes on from the block before.
    const before = projects.graph.connections.find((c) => c.to === ids[0] && !ids.includes(c.from))?.from
    const edits: GraphEdit[] = ids.map((blockId) => ({ kind: 'removeBlock', blockId, reconnect: true }))
    const wasOnCanvas = document.activeElement?.closest('.canvas')
    projects.editGraph(t('steps.remove', { count: ids.length }), applyEdits(projects.graph, edits))
    ui.select(...(before ? [before] : []))
    if (before && wasOnCanvas) ui.canvas?.focusBlock(before)
  }

  function repair({ label, edits }: Repair): void {
    const mended = applyEdits(projects.graph, edits)
    projects.editGraph(label, makeRoom(projects.graph, mended))
  }

  function copyText(): string | null {
    if (ui.selectedBlocks.length === 0) return null
    lastCopied = fragmentText(fragmentOf(projects.graph, ui.selectedBlocks))
    return lastCopied
  }

  /** Adds copied blocks. False when the text is something else, which is then left to the browser. */
  function paste(text: string): boolean {
    const fragment = readFragment(text)
    if (!fragment) return false
    const added = addFragment(projects.graph, fragment)
    projects.editGraph(t('steps.paste', { count: added.ids.length }), added.graph)
    ui.select(...added.ids)
    return true
  }

  async function pasteFromClipboard(): Promise<void> {
    const text = await navigator.clipboard.readText().catch(() => lastCopied)
    if (!text || !paste(text)) notices.info(t('canvas.nothingToPaste'))
  }

  function duplicate(): void {
    const added = addFragment(projects.graph, fragmentOf(projects.graph, ui.selectedBlocks))
    projects.editGraph(t('steps.duplicate', { count: added.ids.length }), added.graph)
    ui.select(...added.ids)
  }

  function layout(): void {
    const positions = layoutGraph(projects.graph, projects.canvasAspect)
    projects.editGraph(t('steps.layout'), withPositions(projects.graph, positions))
    void nextTick(() => ui.canvas?.fitView())
  }

  return { remove, repair, copyText, paste, pasteFromClipboard, duplicate, layout }
}
