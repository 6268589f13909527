/** What of the canvas is in sight: zooming, showing everything, bringing a block into view. Handed to commands as `ui.canvas`. */
import { useVueFlow } from '@vue-flow/core'
import { usePreferredReducedMotion } from '@vueuse/core'
import { computed, nextTick, onBeforeUnmount, onMounted, watch, type ComputedRef, type Ref } from 'vue'
import { useCanvasStore } from '../stores/canvasStore'
import { useProjectStore } from '../stores/projectStore'
import { useUiStore } from '../stores/uiStore'
import { blockHeight, blockWidth, type Rect } from './blockSize'
import { flowId } from './flowAdapter'

/** Below this the numbers on blocks are hard to read. */
const readableZoom = 0.55
export const minZoom = 0.1
/** Below this they cannot be read at all, and only bricks are drawn. */
const farZoom = 0.3
/** The view controls take this much at the bottom. */
export const controlsRoom = 56
/** Around a network that is shown whole. */
const margin = { x: 32, top: 24, bottom: controlsRoom }
const glide = 150

export function useCanvasView(
  root: Readonly<Ref<HTMLElement | null>>,
  size: { width: Ref<number>; height: Ref<number> },
  askForBlock: () => void,
): { allVisible: ComputedRef<boolean>; far: ComputedRef<boolean> } {
  const flow = useVueFlow(flowId)
  const projects = useProjectStore()
  const canvas = useCanvasStore()
  const ui = useUiStore()
  const motion = usePreferredReducedMotion()
  const duration = () => (motion.value === 'reduce' ? 0 : glide)

  function zoomFor({ width, height }: Rect): number {
    const across = (size.width.value - 2 * margin.x) / width
    const down = (size.height.value - margin.top - margin.bottom) / height
    return Math.max(minZoom, Math.min(1, across, down))
  }
  function show(rect: Rect, zoom: number, smooth: boolean) {
    const x = size.width.value / 2 - (rect.x + rect.width / 2) * zoom
    const room = size.height.value - margin.top - margin.bottom
    const y = margin.top + room / 2 - (rect.y + rect.height / 2) * zoom
    void flow.setViewport({ x, y, zoom }, { duration: smooth ? duration() : 0 })
    return { x, y, zoom }
  }
  /** The view in which the network was shown whole last. */
  let whole: { x: number; y: number; zoom: number } | null = null
  function fitView(smooth = true): void {
    if (canvas.bounds.width > 0) whole = show(canvas.bounds, zoomFor(canvas.bounds), smooth)
  }
  /** A network shown whole stays so when a banner or a panel takes or gives room. */
  watch(
    [size.width, size.height],
    ([width, height]) => {
      if (!whole || width === 0 || height === 0) return
      const { x, y, zoom } = flow.viewport.value
      const same =
        Math.abs(x - whole.x) < 1 && Math.abs(y - whole.y) < 1 && Math.abs(zoom - whole.zoom) < 0.001
      if (same) fitView(false)
    },
    { flush: 'post' },
  )

  /** A new project is shown whole where that can be read, a larger one from its beginning. */
  function showFromStart(): void {
    if (canvas.bounds.width === 0) {
      void flow.setViewport({ x: 24, y: 24, zoom: 0.8 })
      return
    }
    const zoom = zoomFor(canvas.bounds)
    if (zoom >= readableZoom / 2) return fitView(false)
    const [x, y] = canvas.nodes.place(canvas.nodes.of(projects.graph.blocks[0]?.id ?? ''))
    void flow.setViewport({
      x: margin.x - x * readableZoom,
      y: margin.top - y * readableZoom + blockHeight / 2,
      zoom: readableZoom,
    })
  }

  function bringIntoView(blockId: string): void {
    void nextTick(() => {
      const node = canvas.nodes.of(blockId)
      if (!canvas.places.has(node)) return
      const [x, y] = canvas.nodes.place(node)
      const view = flow.viewport.value
      const left = x * view.zoom + view.x
      const top = y * view.zoom + view.y
      const visible =
        left >= 0 &&
        top >= 0 &&
        left + blockWidth * view.zoom <= size.width.value &&
        top + blockHeight * view.zoom <= size.height.value
      if (visible) return
      if (zoomFor(canvas.bounds) >= readableZoom) fitView()
      else show({ x, y, width: blockWidth, height: blockHeight }, Math.max(view.zoom, readableZoom), true)
    })
  }

  function focusNode(node: string): void {
    void nextTick(() =>
      root.value
        ?.querySelector<HTMLElement>(`[data-node="${CSS.escape(node)}"]`)
        ?.focus({ preventScroll: true }),
    )
  }

  const allVisible = computed(() => {
    const { x, y, zoom } = flow.viewport.value
    const { bounds } = canvas
    return (
      bounds.x * zoom + x > -8 &&
      bounds.y * zoom + y > -8 &&
      (bounds.x + bounds.width) * zoom + x < size.width.value + 8 &&
      (bounds.y + bounds.height) * zoom + y < size.height.value + 8
    )
  })

  onMounted(() => {
    ui.canvas = {
      fitView,
      zoomIn: () => void flow.zoomIn({ duration: duration() }),
      zoomOut: () => void flow.zoomOut({ duration: duration() }),
      bringIntoView,
      focus: () => root.value?.focus({ preventScroll: true }),
      focusNode,
      focusBlock: (blockId) => focusNode(canvas.nodes.of(blockId)),
      askForBlock,
      seen: () => {
        const { x, y, zoom } = flow.viewport.value
        const height = size.height.value - controlsRoom
        return { x: -x / zoom, y: -y / zoom, width: size.width.value / zoom, height: height / zoom }
      },
    }
  })
  onBeforeUnmount(() => (ui.canvas = null))

  // Shown anew once per project, as soon as the canvas has a size.
  let shown = -1
  watch(
    [() => projects.loads, size.width, size.height, () => flow.viewportHelper.value.viewportInitialized],
    ([loads, width, height, ready]) => {
      if (shown === loads || width === 0 || height === 0 || !ready) return
      shown = loads
      showFromStart()
    },
    { flush: 'post', immediate: true },
  )
  const far = computed(() => flow.viewport.value.zoom < farZoom)
  return { allVisible, far }
}
