/** Which model is looked at on which images, and what came of it. Results are kept on the main side; here is only what is shown. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import { InterlockError, toInterlockError } from '#shared/issues/errors'
import type {
  EvaluationRequest,
  EvaluationState,
  RunEvaluation,
  RunModel,
} from '#shared/rpc/evaluationService'
import { services } from '../rpc'
import { useTrainingStore } from './trainingStore'

export type EvaluationView = 'matrix' | 'classes' | 'curves' | 'calibration' | 'mistakes' | 'new'

export type Shown =
  | { kind: 'none' | 'finding' }
  | Extract<EvaluationState, { kind: 'waiting' | 'reading' | 'predicting' }>
  | { kind: 'ready'; evaluation: RunEvaluation }
  | { kind: 'failed'; problem: InterlockError }

/** How often a running evaluation is asked for, and after a lost connection. */
const askEvery = 250
const askAgainAfter = 1000

export const useEvaluationStore = defineStore('evaluation', () => {
  const training = useTrainingStore()

  const chosenRunId = ref<string | null>(null)
  const model = ref<RunModel>('best')
  const chosenPart = ref<EvaluationRequest['part']>('validation')
  const folder = ref<string | null>(null)
  const view = ref<EvaluationView>('matrix')
  /** The class whose curves are shown. */
  const classIndex = ref(0)

  /** Runs that have a model. */
  const runs = computed(() => training.runs.filter((run) => run.state.epochs.length > 0))
  const run = computed(
    () =>
      runs.value.find((one) => one.runId === chosenRunId.value) ??
      runs.value.find((one) => one.runId === training.shown?.runId) ??
      runs.value[0] ??
      null,
  )
  const hasTest = computed(() => (run.value?.state.project.data.testSplit ?? 0) > 0)
  const part = computed(() =>
    chosenPart.value === 'test' && !hasTest.value ? 'validation' : chosenPart.value,
  )

  const request = computed<EvaluationRequest | null>(() => {
    if (!run.value || (part.value === 'folder' && folder.value === null)) return null
    return {
      runId: run.value.runId,
      model: model.value,
      part: part.value,
      folder: part.value === 'folder' ? folder.value : null,
    }
  })
  const key = computed(() => JSON.stringify(request.value))

  const shown = shallowRef<Shown>({ kind: 'none' })
  /** The folder lists other files than when this was evaluated. */
  const changed = ref(false)
  let id: string | null = null
  /** Counts what is asked for, so that a late answer to an earlier question is dropped. */
  let latest = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  const evaluation = computed(() => (shown.value.kind === 'ready' ? shown.value.evaluation : null))
  const busy = computed(() => ['waiting', 'reading', 'predicting'].includes(shown.value.kind))

  function fail(thrown: unknown): void {
    shown.value = { kind: 'failed', problem: toInterlockError(thrown) }
  }

  /** Shows what is known of the present choice, or what is under way. */
  async function look(): Promise<void> {
    clearTimeout(timer)
    const asked = ++latest
    const wanted = request.value
    id = null
    changed.value = false
    shown.value = { kind: wanted ? 'finding' : 'none' }
    if (!wanted) return
    try {
      const found = await services().evaluation.find(wanted)
      if (asked !== latest) return
      id = found.id
      if (found.evaluation) await show(found.evaluation, asked)
      else await follow(asked)
    } catch (thrown) {
      if (asked === latest) fail(thrown)
    }
  }

  async function show(result: RunEvaluation, asked: number): Promise<void> {
    if (classIndex.value >= result.classes.length) classIndex.value = 0
    shown.value = { kind: 'ready', evaluation: result }
    // A folder that is gone has changed too.
    const other = await services()
      .evaluation.changed(result.id)
      .catch(() => true)
    if (asked === latest) changed.value = other
  }

  async function start(): Promise<void> {
    const wanted = request.value
    if (!wanted) return
    clearTimeout(timer)
    const asked = ++latest
    shown.value = { kind: 'waiting' }
    changed.value = false
    try {
      id = await services().evaluation.start(wanted)
      await follow(asked)
    } catch (thrown) {
      if (asked === latest) fail(thrown)
    }
  }

  /** Asks now and then until it has ended. */
  async function follow(asked: number): Promise<void> {
    if (asked !== latest || id === null) return
    let pause = askEvery
    try {
      const state = await services().evaluation.state(id)
      if (asked !== latest) return
      if (state.kind === 'ready') return await show(state.evaluation, asked)
      if (state.kind === 'failed') return fail(InterlockError.fromData(state.error))
      shown.value = state
      if (state.kind === 'none') return
    } catch (thrown) {
      if (asked !== latest) return
      // It goes on while the connection is lost.
      if (toInterlockError(thrown).code !== 'CONNECTION_LOST') return fail(thrown)
      pause = askAgainAfter
    }
    timer = setTimeout(() => void follow(asked), pause)
  }

  async function cancel(): Promise<void> {
    if (id === null) return
    const cancelled = id
    latest++
    clearTimeout(timer)
    shown.value = { kind: 'none' }
    await services()
      .evaluation.cancel(cancelled)
      .catch(() => undefined)
  }

  function showCurves(index: number): void {
    classIndex.value = index
    view.value = 'curves'
  }

  watch(key, () => void look())

  return {
    chosenRunId,
    model,
    chosenPart,
    part,
    folder,
    view,
    classIndex,
    runs,
    run,
    hasTest,
    request,
    shown,
    evaluation,
    busy,
    changed,
    look,
    start,
    cancel,
    showCurves,
  }
})
