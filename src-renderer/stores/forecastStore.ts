/**
 * Memory and time of a training, told before it starts. Memory follows every edit; the time costs a second of computing, so it is
 * measured only while the training tab is open. Both are kept for each network, batch, optimiser and executor.
 */
import { watchDebounced } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import { largestBatchSize } from '#shared/training/batchSizes'
import type { Forecast } from '#shared/engine/protocol'
import type { DataSummary } from '#shared/rpc/services'
import { toInterlockError } from '#shared/issues/errors'
import { services } from '../rpc'
import { useDataStore } from './dataStore'
import { useFitStore } from './fitStore'
import { useProjectStore } from './projectStore'
import { useTrainingStore } from './trainingStore'
import { useUiStore } from './uiStore'

const most = 50
/** Told for this many images while none are chosen. */
const anyImages = { training: 1000, validation: 0 }

/** How many images are trained on and validated on. */
function partsOf(summary: DataSummary | null) {
  if (!summary) return anyImages
  const total = (part: 'training' | 'validation') =>
    summary.split.classes.reduce((sum, counts) => sum + counts[part], 0)
  return { training: Math.max(1, total('training')), validation: total('validation') }
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

  const images = computed(() => partsOf(data.summary))
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
  /** What was told last, for numbers that are kept, dimmed, until the new ones are there. */
  const last = shallowRef<{ bytes: number; seconds: number | null } | null>(null)
  watch(
    forecast,
    (now) => {
      if (now)
        last.value = { bytes: now.bytes, seconds: now.time?.secondsPerEpoch ?? last.value?.seconds ?? null }
    },
    { immediate: true },
  )
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

  return { forecast, last, images, measuring, problem, ready, wanted, measure: () => ask(true) }
})
