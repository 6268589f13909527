/** While a connection is being dragged: whether a block or a collapsed group would take it, and why not. */
import { useVueFlow } from '@vue-flow/core'
import { computed, type ComputedRef } from 'vue'
import { canConnect } from '#shared/graph/canConnect'
import { useProjectStore } from '../stores/projectStore'
import { firstSentence } from './firstSentence'
import { flowId } from './flowAdapter'
import { endOf } from './groupEnds'

interface Target {
  state: 'idle' | 'source' | 'fits' | 'no'
  reason: string | null
}

const idle: Target = { state: 'idle', reason: null }

export function useConnecting(node: () => string): ComputedRef<Target> {
  const { connectionStartHandle } = useVueFlow(flowId)
  const projects = useProjectStore()
  return computed(() => {
    const start = connectionStartHandle.value
    if (!start) return idle
    const own = node()
    if (start.nodeId === own) return { state: 'source', reason: null }
    const out = start.type === 'source'
    const from = endOf(projects.graph, out ? start.nodeId : own, 'exit')
    const to = endOf(projects.graph, out ? own : start.nodeId, 'entry')
    if (from.block === null || to.block === null) return { state: 'no', reason: from.reason ?? to.reason }
    const answer = canConnect(projects.graph, { from: from.block, to: to.block })
    return answer.fits
      ? { state: 'fits', reason: null }
      : { state: 'no', reason: firstSentence(answer.reason ?? '') }
  })
}
