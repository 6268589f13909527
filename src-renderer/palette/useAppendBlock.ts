/**
 * Adds a block into the chosen connection, or after the selected block (or the last), and selects it, so that typing Enter again and
 * again builds a chain; a merge takes all selected.
 */
import type { BlockParams, Connection } from '#shared/graph/types'
import { appendBlock, insertOn, mayBeInserted } from '../canvas/placeNewBlock'
import { t } from '../i18n'
import { definitionOf } from '../project/blockText'
import { inputSize } from '../project/startProject'
import { useDataStore } from '../stores/dataStore'
import { useProjectStore } from '../stores/projectStore'
import { useUiStore } from '../stores/uiStore'

/** What the chosen images tell about a new block: an input takes their size and bands. */
export function useNewParams(): (type: string) => BlockParams {
  const data = useDataStore()
  return (type) => {
    if (type !== 'input' || !data.summary) return {}
    const [height, width, channels] = inputSize(data.summary)
    return { height, width, channels }
  }
}

export interface HowToAppend {
  params?: BlockParams
  /** Beside what follows already, not into the connection to it. */
  branch?: boolean
  /** Into this connection; left out, into the selected one. */
  on?: Connection | null
}

export function useAppendBlock(): (type: string, how?: HowToAppend) => void {
  const projects = useProjectStore()
  const ui = useUiStore()
  const newParams = useNewParams()
  return (type, { params = {}, branch = false, on = ui.selectedConnection } = {}) => {
    const what = { type, params: { ...newParams(type), ...params } }
    const placed =
      on && mayBeInserted(type)
        ? insertOn(projects.graph, what, on)
        : appendBlock(projects.graph, what, ui.selectedBlocks, branch)
    projects.editGraph(t('steps.add', { block: definitionOf(type)?.label ?? type }), placed.graph)
    ui.select(placed.blockId)
    ui.canvas?.bringIntoView(placed.blockId)
  }
}
