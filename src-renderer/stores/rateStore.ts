/** The search for a learning rate, as far as the dialog shows it. */
import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { RateEvent } from '#shared/rpc/services'
import { toInterlockError } from '#shared/issues/errors'
import type { RateSearch } from '#shared/training/rateSearch'
import { services } from '../rpc'
import { useProjectStore } from './projectStore'
import { useTrainingStore } from './trainingStore'

export type RateSearchState =
  | { kind: 'reading'; done: number; total: number }
  | { kind: 'trying'; learningRates: readonly number[]; losses: readonly number[] }
  | { kind: 'found'; result: RateSearch }
  | { kind: 'calledOff' }
  | { kind: 'failed'; problem: string }

let searches = 0

export const useRateStore = defineStore('rate', () => {
  const projects = useProjectStore()
  const training = useTrainingStore()

  const state = shallowRef<RateSearchState>({ kind: 'calledOff' })
  const open = ref(false)
  let searchId = ''

  function onEvent(event: RateEvent): void {
    if (event.searchId !== searchId) return
    const { value: now } = state
    if (event.type === 'reading') {
      if (now.kind === 'reading') state.value = { kind: 'reading', done: event.done, total: event.total }
      return
    }
    if (now.kind !== 'reading' && now.kind !== 'trying') return
    const before = now.kind === 'trying' ? now : { learningRates: [], losses: [] }
    state.value = {
      kind: 'trying',
      learningRates: [...before.learningRates, ...event.curve.learningRates],
      losses: [...before.losses, ...event.curve.losses],
    }
  }

  /** Opens the dialog and looks. */
  async function search(): Promise<void> {
    const own = (searchId = `search-${Date.now()}-${++searches}`)
    open.value = true
    state.value = { kind: 'reading', done: 0, total: 0 }
    const { project, file: projectFile } = projects
    let end: RateSearchState
    try {
      const request = { searchId, project, projectFile, executor: training.executor, threads: null }
      const result = await services().training.searchRate(request)
      end = result === null ? { kind: 'calledOff' } : { kind: 'found', result }
    } catch (thrown) {
      end = { kind: 'failed', problem: toInterlockError(thrown).message }
    }
    if (own === searchId) state.value = end
  }

  /** Closes the dialog; what is under way is called off. */
  function close(): void {
    open.value = false
    const { kind } = state.value
    if (kind !== 'reading' && kind !== 'trying') return
    void services()
      .training.stopSearch(searchId)
      .catch(() => undefined)
    state.value = { kind: 'calledOff' }
    searchId = ''
  }

  return { state, open, search, close, onEvent }
})
