/** Small pictures of the listed images: loaded when they come into view, the last ones kept. */
import { defineStore } from 'pinia'
import { computed, shallowReactive, watch } from 'vue'
import { displayOf, type DisplaySettings } from '#shared/data/displayBands'
import { services } from '../rpc'
import { useProjectStore } from './projectStore'
import { useSurveyStore } from './surveyStore'

export interface Thumbnail {
  /** Null where there is none: `problem` says why. */
  url: string | null
  problem: string | null
  width: number
  height: number
  bands: number
}

/** Longer side in pixels, enough for the largest cells on a fine screen. */
const side = 192
const mostKept = 2000
/** A request is answered as a whole: small ones let the first pictures come soon. */
const perRequest = 12
const requestsAtOnce = 2

export const useThumbnailStore = defineStore('thumbnail', () => {
  const projects = useProjectStore()
  const surveys = useSurveyStore()
  const thumbnails = shallowReactive(new Map<number, Thumbnail>())
  /** Which bands are shown: a new object only where that changes. */
  const display = computed<DisplaySettings>((before) => {
    const now = displayOf(projects.data)
    return JSON.stringify(before) === JSON.stringify(now) ? before! : now
  })
  let wanted: readonly number[] = []
  const underWay = new Set<number>()
  let requests = 0
  let round = 0

  function clear(): void {
    round++
    for (const { url } of thumbnails.values()) if (url) URL.revokeObjectURL(url)
    thumbnails.clear()
    underWay.clear()
  }
  watch([() => surveys.listing?.id, display], () => {
    clear()
    pump()
  })

  /** Images that are on screen now, in the order they are to come. */
  function want(images: readonly number[]): void {
    wanted = images
    pump()
  }

  function pump(): void {
    while (requests < requestsAtOnce && surveys.listing !== null) {
      const missing = wanted.filter((image) => !thumbnails.has(image) && !underWay.has(image))
      if (missing.length === 0) return
      void load(missing.slice(0, perRequest), surveys.listing.id)
    }
  }

  async function load(images: readonly number[], listing: number): Promise<void> {
    const own = round
    requests++
    for (const image of images) underWay.add(image)
    try {
      const found = await services().survey.thumbnails(listing, images, side, display.value)
      if (own !== round) return
      images.forEach((image, i) => keep(image, found[i] ?? { problem: '' }))
    } catch (thrown) {
      if (own === round) {
        wanted = []
        surveys.lost(thrown)
      }
    } finally {
      requests--
      if (own === round) for (const image of images) underWay.delete(image)
      pump()
    }
  }

  function keep(
    image: number,
    answer: { problem: string } | { image: Uint8Array; width: number; height: number; bands: number },
  ): void {
    if ('problem' in answer) {
      thumbnails.set(image, { url: null, problem: answer.problem, width: 0, height: 0, bands: 0 })
      return
    }
    const { width, height } = answer
    const url = URL.createObjectURL(new Blob([answer.image.slice()], { type: 'image/webp' }))
    thumbnails.set(image, { url, problem: null, width, height, bands: answer.bands })
    if (thumbnails.size <= mostKept) return
    const onScreen = new Set(wanted)
    for (const [other, { url: old }] of thumbnails) {
      if (thumbnails.size <= mostKept) break
      if (onScreen.has(other)) continue
      if (old) URL.revokeObjectURL(old)
      thumbnails.delete(other)
    }
  }

  return { thumbnails, display, want }
})
