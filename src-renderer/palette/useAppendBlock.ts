/** Adds a block after the selected one (or the last) and selects it, so that typing Enter again and again builds a chain. */
import { appendBlock } from '../canvas/placeNewBlock'
import { t } from '../i18n'
import { definitionOf } from '../project/blockText'
import { useProjectStore } from '../stores/projectStore'
import { useUiStore } from '../stores/uiStore'

export function useAppendBlock(): (type: string) => void {
  const projects = useProjectStore()
  const ui = useUiStore()
  return (type) => {
    const placed = appendBlock(projects.graph, type, ui.selectedBlock)
    projects.editGraph(t('steps.add', { block: definitionOf(type)?.label ?? type }), placed.graph)
    ui.select(placed.blockId)
    ui.canvas?.bringIntoView(placed.blockId)
  }
}
