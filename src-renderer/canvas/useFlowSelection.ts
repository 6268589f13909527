/** Keeps Vue Flow's selection and ours the same. Ours is the truth; Vue Flow's changes are taken over when people click. */
import { useVueFlow, type Edge, type Node } from '@vue-flow/core'
import { nextTick, watch, type Ref } from 'vue'
import { connectionKey } from '../stores/fitStore'
import { useUiStore } from '../stores/uiStore'
import { flowId, type EdgeData } from './flowAdapter'

export function useFlowSelection(nodes: Readonly<Ref<Node[]>>, edges: Readonly<Ref<Edge<EdgeData>[]>>): void {
  const flow = useVueFlow(flowId)
  const ui = useUiStore()
  let applying = false

  function apply(): void {
    applying = true
    const wanted = new Set(ui.selectedBlocks)
    for (const node of flow.getNodes.value) node.selected = wanted.has(node.id)
    const wantedEdge = ui.selectedConnection ? connectionKey(ui.selectedConnection) : null
    for (const edge of flow.getEdges.value) edge.selected = edge.id === wantedEdge
    flow.nodesSelectionActive.value = false
    applying = false
  }

  function takeOver(): void {
    if (applying) return
    void nextTick(() => {
      const chosen = flow.getSelectedNodes.value.map((node) => node.id)
      const edge = flow.getSelectedEdges.value[0]
      if (chosen.length > 0 || !edge) ui.select(...chosen)
      else ui.selectConnection((edge.data as EdgeData).connection)
    })
  }

  flow.onNodesChange((changes) => {
    if (changes.some((change) => change.type === 'select')) takeOver()
  })
  flow.onEdgesChange((changes) => {
    if (changes.some((change) => change.type === 'select')) takeOver()
  })
  // After Vue Flow has taken the new nodes in.
  watch([() => ui.selectedBlocks, () => ui.selectedConnection, nodes, edges], () => void nextTick(apply), {
    flush: 'post',
  })
}
