/** Where the arrow keys lead: along connections to the right and left, to the nearest node above and below. */
import type { Position } from './blockSize'

export type Direction = 'next' | 'previous' | 'above' | 'below'

export function neighbour(
  links: readonly { from: string; to: string }[],
  places: ReadonlyMap<string, Position>,
  node: string,
  direction: Direction,
): string | null {
  const own = places.get(node)
  if (!own) return null
  const distance = (id: string) => {
    const [x, y] = places.get(id) ?? own
    return Math.hypot(x - own[0], y - own[1])
  }
  let candidates: string[]
  if (direction === 'next' || direction === 'previous') {
    const [here, there] = direction === 'next' ? (['from', 'to'] as const) : (['to', 'from'] as const)
    candidates = links.filter((link) => link[here] === node).map((link) => link[there])
  } else {
    const sign = direction === 'above' ? -1 : 1
    candidates = [...places].filter(([, [, y]]) => (y - own[1]) * sign > 8).map(([id]) => id)
  }
  return candidates.sort((a, b) => distance(a) - distance(b))[0] ?? null
}
