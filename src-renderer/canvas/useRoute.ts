/** The way a connection takes now, following its ends while they are dragged. */
import { computed, type ComputedRef } from 'vue'
import { useCanvasStore, type Link } from '../stores/canvasStore'
import { routeConnection, type Route } from './routeConnection'

export function useRoute(link: () => Link): ComputedRef<Route> {
  const canvas = useCanvasStore()
  return computed((before) => {
    const { from, to, out, into } = link()
    const [fromX, fromY] = canvas.nodes.place(from)
    const [toX, toY] = canvas.nodes.place(to)
    const moving = canvas.nodes.isDragged(from) || canvas.nodes.isDragged(to)
    const route = routeConnection(
      [fromX + out[0], fromY + out[1]],
      [toX + into[0], toY + into[1]],
      canvas.obstacles,
      moving ? canvas.dragged : undefined,
    )
    const same = before?.path === route.path && String(before.label) === String(route.label)
    return same ? before! : route
  })
}
