/** While a connection is being dragged: whether a block would take it, and why not. */
import { useVueFlow } from '@vue-flow/core'
import { computed, type ComputedRef } from 'vue'
import { canConnect } from '#shared/graph/canConnect'
import type { Connection } from '#shared/graph/types'
import { useProjectStore } from '../stores/projectStore'
import { firstSentence } from './firstSentence'
import { flowId } from './flowAdapter'

interface Target {
  state: 'idle' | 'source' | 'fits' | 'no'
  reason: string | null
}

const idle: Target = { state: 'idle', reason: null }

export function useConnecting(blockId: () => string): ComputedRef<Target> {
  const { connectionStartHandle } = useVueFlow(flowId)
  const projects = useProjectStore()
  return computed(() => {
    const start = connectionStartHandle.value
    if (!start) return idle
    const own = blockId()
    if (start.nodeId === own) return { state: 'source', reason: null }
    const connection: Connection =
      start.type === 'source' ? { from: start.nodeId, to: own } : { from: own, to: start.nodeId }
    const answer = canConnect(projects.graph, connection)
    return answer.fits
      ? { state: 'fits', reason: null }
      : { state: 'no', reason: firstSentence(answer.reason ?? '') }
  })
}
