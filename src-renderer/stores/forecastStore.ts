/**
 * Memory and time of a training, told before it starts. Memory follows every edit; the time costs a second of computing, so it is
 * measured only while the training tab is open. Both are kept for each network, batch, optimiser and executor.
 */
import { watchDebounced } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { largestBatchSize } from '#shared/training/batchSizes'
import type { Forecast } from '#shared/engine/protocol'
import type { DataSummary } from '#shared/rpc/services'
import type { DataSettings } from '#shared/project/schema'
import { toInterlockError } from '#shared/issues/errors'
import { splitCounts } from '#shared/project/splitCounts'
import { services } from '../rpc'
import { useDataStore } from './dataStore'
import { useFitStore } from './fitStore'
import { useProjectStore } from './projectStore'
import { useTrainingStore } from './trainingStore'
import { useUiStore } from './uiStore'

const most = 50
/** Told for this many images while none are chosen. */
const anyImages = { training: 1000, validation: 0 }

/** How many images each part has, by the rule of the split (blocks.md); the digits hold a fixed fifth out. */
function partsOf(summary: DataSummary | null, { validationSplit, testSplit = 0 }: DataSettings) {
  if (!summary) return anyImages
  if (summary.source.startsWith('sample:')) {
    const validation = Math.round(summary.images / 5)
    return { training: summary.images - validation, validation }
  }
  const parts = { training: 0, validation: 0 }
  for (const { count } of summary.classes) {
    const { training, validation } = splitCounts(count, { validation: validationSplit, test: testSplit })
    parts.validation += validation
    parts.training += training
  }
  return { ...parts, training: Math.max(1, parts.training) }
}

export const useForecastStore = defineStore('forecast', () => {
  const projects = useProjectStore()
  const data = useDataStore()
  const fits = useFitStore()
  const training = useTrainingStore()
  const ui = useUiStore()

  const known = shallowRef<ReadonlyMap<string, Forecast>>(new Map())
  const measuring = ref(false)
  const problem = ref<string | null>(null)

  const images = computed(() => partsOf(data.summary, projects.data))
  const ready = computed(() => fits.report.fits && projects.problems.length === 0)
  /** What the forecast depends on: no places, no names, not the learning rate, not the seed. */
  const key = computed(() => {
    if (!ready.value) return null
    const { graph, training: settings } = projects
    const network = [graph.blocks.map(({ id, type, params }) => [id, type, params]), graph.connections]
    const optimizer = { ...settings.optimizer, learningRate: 0 }
    return JSON.stringify([
      network,
      largestBatchSize(settings),
      settings.clipNorm,
      optimizer,
      training.executor,
      images.value,
    ])
  })
  const forecast = computed(() => (key.value === null ? null : (known.value.get(key.value) ?? null)))
  const wanted = computed(() => ui.panels.dock.open && ui.dockTab === 'training' && training.active === null)

  async function ask(probe: boolean): Promise<void> {
    const asked = key.value
    if (asked === null) return
    measuring.value = probe
    problem.value = null
    const request = { project: projects.project, executor: training.executor, threads: null }
    try {
      const found = await services().training.forecast({ ...request, images: images.value, probe })
      if (found) known.value = new Map([...known.value, [asked, found] as const].slice(-most))
    } catch (thrown) {
      if (key.value === asked) problem.value = toInterlockError(thrown).message
    } finally {
      if (probe) measuring.value = false
    }
  }

  watchDebounced(
    key,
    () => {
      if (!forecast.value) void ask(false)
    },
    { debounce: 300, immediate: true },
  )
  watchDebounced(
    [key, wanted],
    () => {
      if (wanted.value && !forecast.value?.time && !measuring.value) void ask(true)
    },
    { debounce: 900, immediate: true },
  )

  return { forecast, images, measuring, problem, ready, wanted, measure: () => ask(true) }
})
