/** In which order new images are looked through. */
import type { NewImage } from '../stores/newImagesStore'

export const newImageOrders = ['added', 'name', 'class', 'unsure'] as const
export type NewImageOrder = (typeof newImageOrders)[number]

/** Numbers in names count as numbers: `2.png` before `10.png`. */
const names = new Intl.Collator('en', { numeric: true })

/**
 * `images` come newest first, which `added` keeps and which decides between equals. Among those of a class the least sure stand first.
 * What has no prediction, or none yet, stands last where predictions are compared.
 */
export function sortNewImages(images: readonly NewImage[], by: NewImageOrder): readonly NewImage[] {
  if (by === 'added') return images
  if (by === 'name') return [...images].sort((a, b) => names.compare(a.name, b.name))
  return [...images].sort((a, b) => {
    const [x, y] = [a.top?.[0], b.top?.[0]]
    if (!x || !y) return Number(!x) - Number(!y)
    return (by === 'class' ? names.compare(x.class, y.class) : 0) || x.probability - y.probability
  })
}
