/** Connections drawn by hand: from a port to another, or into the empty, where a list of blocks opens. */
import { useHandle, useVueFlow, type Connection as FlowConnection, type HandleType } from '@vue-flow/core'
import { inject, provide, ref, type InjectionKey } from 'vue'
import { canConnect } from '#shared/graph/canConnect'
import type { Connection } from '#shared/graph/types'
import { t } from '../i18n'
import { useNoticeStore } from '../stores/noticeStore'
import { useProjectStore } from '../stores/projectStore'
import { useUiStore } from '../stores/uiStore'
import { flowId } from './flowAdapter'
import { endOf } from './groupEnds'

export interface PortId {
  nodeId: string
  handle: string
  type: HandleType
}
type StartConnection = (event: MouseEvent | TouchEvent, port: PortId) => void

const key: InjectionKey<StartConnection> = Symbol('startConnection')

/** For ports: begins to draw a connection there. */
export const useConnectionStart = (): StartConnection => inject(key, () => undefined)

/** For the canvas. One set of handlers for the ports of all blocks: Vue Flow's own have one each. */
export function provideConnections(): void {
  const flow = useVueFlow(flowId)
  const projects = useProjectStore()
  const notices = useNoticeStore()
  const ui = useUiStore()

  const nodeId = ref('')
  const handleId = ref<string | null>(null)
  const type = ref<HandleType>('source')
  let drawn = false

  /** Between the blocks that two nodes stand for, of which either may be a collapsed group. */
  function between(source: string, target: string): Connection | null {
    const [from, to] = [
      endOf(projects.graph, source, 'exit').block,
      endOf(projects.graph, target, 'entry').block,
    ]
    return from === null || to === null ? null : { from, to }
  }

  /**
   * A connection that does not fit may still be drawn: it shows in red why, with a repair. Only what makes no sense is
   * refused.
   */
  function isValidConnection({ source, target }: FlowConnection): boolean {
    const connection = between(source, target)
    return connection !== null && !canConnect(projects.graph, connection).impossible
  }
  const { handlePointerDown } = useHandle({
    nodeId,
    handleId,
    type,
    // A getter, as a plain function would be taken for one.
    isValidConnection: () => isValidConnection,
  })

  provide(key, (event, port) => {
    const { reason } = endOf(projects.graph, port.nodeId, port.type === 'source' ? 'exit' : 'entry')
    if (reason !== null) {
      notices.info(reason)
      return
    }
    nodeId.value = port.nodeId
    handleId.value = port.handle
    type.value = port.type
    drawn = false
    handlePointerDown(event)
  })

  // The graph decides what a drawn connection means; merges number their inputs themselves.
  flow.onConnect(({ source, target }) => {
    drawn = true
    const connection = between(source, target)
    if (!connection) return
    const { replaces } = canConnect(projects.graph, connection)
    projects.applyGraphEdits(t('steps.connect'), [
      ...(replaces ? [{ kind: 'disconnect' as const, connection: replaces }] : []),
      { kind: 'connect', connection },
    ])
  })
  flow.onConnectEnd((event) => {
    if (drawn || !event || flow.connectionEndHandle.value) return
    const { clientX, clientY } = 'changedTouches' in event ? event.changedTouches[0]! : event
    const { x, y } = flow.screenToFlowCoordinate({ x: clientX, y: clientY })
    ui.quickAdd = {
      screen: [clientX, clientY],
      at: [x, y],
      on: null,
      from: type.value === 'source' ? endOf(projects.graph, nodeId.value, 'exit').block : null,
      to: type.value === 'target' ? endOf(projects.graph, nodeId.value, 'entry').block : null,
      typed: '',
    }
  })
}
