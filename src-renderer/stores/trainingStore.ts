/** Runs of this machine, as the main side tells them. States are replaced, never changed, so shallow refs suffice. */
import { useLocalStorage } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import type { ExecutorChoice } from '#shared/engine/executor'
import type { ProbeResult } from '#shared/engine/protocol'
import type { ContinueTraining, RunSummary } from '#shared/rpc/services'
import { unknownClasses } from '#shared/training/classWeights'
import { createRun, isActive, reduceRun, type RunEvent } from '#shared/training/runState'
import { isOfProject } from '#shared/training/runsOfProject'
import { t } from '../i18n'
import { services } from '../rpc'
import { runProblem } from '../training/runProblem'
import { useDataStore } from './dataStore'
import { useFitStore } from './fitStore'
import { useNoticeStore } from './noticeStore'
import { useProjectStore } from './projectStore'
import { useUiStore } from './uiStore'

/** How often the runs on screen change at most, in milliseconds, and by which events they may do so later than at once. */
const showEvery = 100
const mayWait: ReadonlySet<RunEvent['type']> = new Set(['progress', 'epoch', 'preparing', 'skipped'])

function withEvent(runs: readonly RunSummary[], event: RunEvent): readonly RunSummary[] {
  if (event.type === 'created') {
    const others = runs.filter((run) => run.runId !== event.runId)
    // A run that goes on keeps its name and note.
    const { name, note } = runs.find((run) => run.runId === event.runId) ?? {
      name: event.project.name,
      note: '',
    }
    return [{ runId: event.runId, name, note, state: createRun(event) }, ...others]
  }
  return runs.map((run) => (run.runId === event.runId ? { ...run, state: reduceRun(run.state, event) } : run))
}

export const useTrainingStore = defineStore('training', () => {
  const projects = useProjectStore()
  const data = useDataStore()
  const fit = useFitStore()
  const notices = useNoticeStore()
  const ui = useUiStore()

  /** Newest first. */
  const runs = shallowRef<readonly RunSummary[]>([])
  const shownRunId = ref<string | null>(null)
  const executor = ref<ExecutorChoice>('auto')
  const probe = shallowRef<ProbeResult | null>(null)
  const starting = ref(false)

  const active = computed(() => runs.value.find((run) => isActive(run.state)) ?? null)
  /** Runs of the project on the canvas. */
  const own = computed(() => {
    const { file, project } = projects
    return runs.value.filter((run) => isOfProject(run.state, project.name, file))
  })
  const thisProjectOnly = useLocalStorage('interlock.thisProjectOnly', true)
  /** Those of the project, where it has some and no others are asked for; what goes on is always among them. */
  const listed = computed(() => {
    if (!thisProjectOnly.value || own.value.length === 0) return runs.value
    const those = new Set(own.value)
    return runs.value.filter((run) => those.has(run) || isActive(run.state))
  })
  const shown = computed(
    () => runs.value.find((run) => run.runId === shownRunId.value) ?? listed.value[0] ?? null,
  )
  // Another project begins with its own newest run.
  watch(
    () => projects.loads,
    () => (shownRunId.value = active.value?.runId ?? null),
  )

  /** Why Train is refused, or null when it may start. */
  const refusal = computed<string | null>(() => {
    if (active.value || starting.value) return t('training.refused.running')
    if (projects.problems.length > 0) return t('training.refused.problems')
    if (projects.graph.blocks.length === 0) return t('training.refused.empty')
    const errors = fit.counts.error
    if (errors > 0) return t('training.refused.misfit', { count: errors })
    if (projects.data.source === null) return t('training.refused.noData')
    if (data.state.kind === 'failed')
      return t('training.refused.badData', { problem: data.state.problem.message })
    const classes = data.summary?.classes.map(({ name }) => name)
    const unknown = classes ? unknownClasses(projects.training.classWeights, classes) : []
    if (unknown.length > 0) return t('training.refused.classWeights', { names: unknown.join(', ') })
    return null
  })

  /** The training tab says itself why the run it shows has failed. */
  function isOnScreen(runId: string): boolean {
    return ui.panels.dock.open && ui.dockTab === 'training' && shown.value?.runId === runId
  }

  /** Events that are not on screen yet, in their order. */
  let waiting: RunEvent[] = []
  let shownAt = -Infinity
  let timer: ReturnType<typeof setTimeout> | undefined

  /** Steps and epochs come as fast as the engine goes: they are gathered, and shown a few times a second. */
  function onEvent(event: RunEvent): void {
    waiting.push(event)
    const pause = shownAt + showEvery - performance.now()
    if (pause <= 0 || !mayWait.has(event.type)) showWaiting()
    else timer ??= setTimeout(showWaiting, pause)
  }

  function forgetWaiting(): RunEvent[] {
    clearTimeout(timer)
    timer = undefined
    const events = waiting
    waiting = []
    return events
  }

  function showWaiting(): void {
    shownAt = performance.now()
    const events = forgetWaiting()
    runs.value = events.reduce(withEvent, runs.value)
    for (const event of events) {
      if (event.type !== 'failed' && event.type !== 'seriesBroken') continue
      const run = runs.value.find(({ runId }) => runId === event.runId)
      const problem = run && !isOnScreen(event.runId) ? runProblem(run.state) : null
      if (problem !== null) notices.refuse(problem)
    }
  }

  /** Reads all runs again, after connecting or after a gap in the events. */
  async function refresh(): Promise<void> {
    const found = await notices.attempt(() => services().training.runs())
    if (found) {
      // They know of everything that was told before them.
      forgetWaiting()
      runs.value = found
    }
    probe.value ??= await notices.attempt(() => services().training.executors())
  }

  /** Trains afresh, or with the weights of an earlier run wherever they fit. */
  async function start(weightsFrom: string | null = null): Promise<void> {
    if (refusal.value !== null) return
    starting.value = true
    notices.clear()
    ui.showDock('training')
    const { project, file: projectFile } = projects
    const runId = await notices.attempt(() =>
      services().training.start({
        project,
        projectFile,
        executor: executor.value,
        threads: null,
        weightsFrom,
      }),
    )
    starting.value = false
    if (runId) shownRunId.value = runId
  }

  async function pause(): Promise<void> {
    const run = active.value
    if (run) await notices.attempt(() => services().training.pause(run.runId))
  }

  async function resume(): Promise<void> {
    const run = active.value
    if (run) await notices.attempt(() => services().training.resume(run.runId))
  }

  /** Goes on with a run that has ended. */
  async function continueRun(
    runId: string,
    changes: Pick<ContinueTraining, 'epochs' | 'batchSize' | 'learningRate'>,
  ): Promise<void> {
    if (active.value || starting.value) return
    starting.value = true
    notices.clear()
    ui.showDock('training')
    const request = { runId, executor: executor.value, threads: null, ...changes }
    await notices.attempt(() => services().training.continueRun(request))
    starting.value = false
    shownRunId.value = runId
  }

  /** Trains a run anew with so many seeds. */
  async function repeat(runId: string, count: number): Promise<void> {
    if (active.value || starting.value) return
    starting.value = true
    notices.clear()
    ui.showDock('training')
    shownRunId.value = null
    const request = { runId, count, executor: executor.value, threads: null }
    await notices.attempt(() => services().training.repeat(request))
    starting.value = false
  }

  /** Trains twice, with the images split by chance and by place. */
  async function compareSplits(epochs: number): Promise<void> {
    if (refusal.value !== null) return
    starting.value = true
    notices.clear()
    const { project, file: projectFile } = projects
    const request = { project, projectFile, executor: executor.value, threads: null, epochs }
    await notices.attempt(() => services().training.compareSplits(request))
    starting.value = false
  }

  async function label(runId: string, name: string, note: string): Promise<void> {
    await notices.attempt(() => services().training.label(runId, name, note))
    await refresh()
  }

  async function remove(runId: string): Promise<void> {
    await notices.attempt(() => services().training.deleteRun(runId))
    await refresh()
  }

  async function stop(): Promise<void> {
    const run = active.value
    if (run) await notices.attempt(() => services().training.stop(run.runId))
  }

  return {
    runs,
    own,
    thisProjectOnly,
    listed,
    shownRunId,
    executor,
    probe,
    active,
    shown,
    refusal,
    onEvent,
    refresh,
    start,
    pause,
    resume,
    continueRun,
    stop,
    label,
    repeat,
    compareSplits,
    remove,
  }
})
