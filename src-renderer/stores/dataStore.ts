/** What is known about the chosen images: class counts, size and bands, examples; and what they ask of the network. */
import { defineStore } from 'pinia'
import { computed, shallowRef, watch } from 'vue'
import { smallestBatchSize } from '#shared/training/batchSizes'
import type { DataRequirements } from '#shared/graph/fit'
import type { DataSummary } from '#shared/rpc/services'
import { InterlockError, toInterlockError } from '#shared/issues/errors'
import { services } from '../rpc'
import { useProjectStore } from './projectStore'

export type DataState =
  | { kind: 'none' }
  | { kind: 'reading'; source: string }
  | { kind: 'ready'; summary: DataSummary }
  | { kind: 'failed'; source: string; problem: InterlockError }

export interface Example {
  className: string
  png: Uint8Array
}

const examplesPerClass = 2

export const useDataStore = defineStore('data', () => {
  const projects = useProjectStore()
  const state = shallowRef<DataState>({ kind: 'none' })
  const examples = shallowRef<readonly Example[]>([])
  let latest = 0
  /** Bytes of decoded images on disk; null while that is not known. */
  const cacheBytes = shallowRef<number | null>(null)

  const summary = computed(() => (state.value.kind === 'ready' ? state.value.summary : null))
  const requirements = computed<DataRequirements | null>(() => {
    const known = summary.value
    if (!known) return null
    const { bands, colour } = known
    return { classes: known.classes.length, bands, colour, batchSize: smallestBatchSize(projects.training) }
  })

  /** Reads the chosen source again. */
  async function inspect(): Promise<void> {
    const source = projects.data.source
    const request = ++latest
    examples.value = []
    if (source === null) {
      state.value = { kind: 'none' }
      return
    }
    state.value = { kind: 'reading', source }
    try {
      const found = await services().data.inspect(source, projects.file)
      if (request !== latest) return
      state.value = { kind: 'ready', summary: found }
      const pictures = await services().data.examples(source, projects.file, examplesPerClass)
      if (request === latest) examples.value = pictures
    } catch (thrown) {
      if (request !== latest) return
      if (state.value.kind !== 'ready')
        state.value = { kind: 'failed', source, problem: toInterlockError(thrown) }
    }
  }

  async function readCacheSize(): Promise<void> {
    cacheBytes.value = await services().data.cacheSize()
  }

  async function clearCache(): Promise<void> {
    cacheBytes.value = await services().data.clearCache()
  }

  watch(
    () => projects.data.source,
    () => void inspect(),
  )

  return { state, summary, requirements, examples, inspect, cacheBytes, readCacheSize, clearCache }
})
