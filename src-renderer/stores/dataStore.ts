/** What is known about the chosen images: class counts, size and bands, examples; and what they ask of the network. */
import { watchDebounced } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, shallowRef, watch } from 'vue'
import { displayOf } from '#shared/data/displayBands'
import { offerBands } from '#shared/data/bandChoice'
import { smallestBatchSize } from '#shared/training/batchSizes'
import type { DataRequirements } from '#shared/graph/fit'
import type { DataSettings } from '#shared/project/schema'
import type { DataEvent, DataSummary } from '#shared/rpc/services'
import { InterlockError, toInterlockError } from '#shared/issues/errors'
import { t } from '../i18n'
import { services } from '../rpc'
import { useNoticeStore } from './noticeStore'
import { useProjectStore } from './projectStore'

export type DataState =
  | { kind: 'none' }
  /** `files`: looked at so far. */
  | { kind: 'reading'; source: string; files: number }
  /** Called off while reading. */
  | { kind: 'stopped'; source: string }
  | { kind: 'ready'; source: string; summary: DataSummary }
  | { kind: 'failed'; source: string; problem: InterlockError }

export interface Example {
  className: string
  png: Uint8Array
}

/** The settings that name a list of images. */
export type ListSetting = 'trainingList' | 'validationList' | 'testList'

const examplesPerClass = 2

/** Summaries that answer the same are of the same images in the same classes, whichever of them are left out. */
export function listedAs({ source, root, images, excluded, split }: DataSummary): string {
  return JSON.stringify([source, root, images + excluded, split.by])
}

/** Whether two summaries are of the same class folders. */
function sameRoot(a: DataSummary, b: DataSummary): boolean {
  return listedAs(a) === listedAs(b)
}

/** How other images are taken, until a person says otherwise. */
const asFound = {
  root: null,
  splitBy: 'seed',
  trainingList: null,
  validationList: null,
  testList: null,
  blockSize: null,
  blockBuffer: null,
  validationSource: null,
} as const

/** All settings that change which images are in which class and part. */
function wayOf(data: DataSettings): string {
  const { root, splitBy, trainingList, validationList, testList, blockSize, blockBuffer } = data
  const { validationSplit, testSplit, splitSeed, bandNames } = data
  const way = [root, splitBy, trainingList, validationList, testList, blockSize, blockBuffer]
  return JSON.stringify([
    ...way,
    data.validationSource,
    validationSplit,
    testSplit,
    splitSeed,
    bandNames,
    data.excluded,
  ])
}

const summaryOf = (state: DataState) => (state.kind === 'ready' ? state.summary : null)

export const useDataStore = defineStore('data', () => {
  const projects = useProjectStore()
  const notices = useNoticeStore()
  const state = shallowRef<DataState>({ kind: 'none' })
  const examples = shallowRef<readonly Example[]>([])
  let latest = 0
  /** A source that a person chose, until it is known. */
  let chosen: string | null = null
  let inspectedWay = ''
  /** Bytes of decoded images on disk; null while that is not known. */
  const cacheBytes = shallowRef<number | null>(null)

  const summary = computed(() => (state.value.kind === 'ready' ? state.value.summary : null))
  /** The last that was known of the chosen source: what it offers stays while a choice of it cannot be used. */
  const offered = shallowRef<{ source: string; summary: DataSummary } | null>(null)
  const known = computed(
    () => summary.value ?? (offered.value?.source === projects.data.source ? offered.value.summary : null),
  )
  const requirements = computed<DataRequirements | null>(() => {
    const found = summary.value
    if (!found) return null
    return {
      classes: found.classes.length,
      ...bandsOf(found, projects.data),
      batchSize: smallestBatchSize(projects.training),
    }
  })

  /** Chooses images. Folders in them that are named after parts become the split, as a step of its own that can be undone. */
  function choose(source: string): void {
    chosen = source
    projects.editData(t('steps.data'), { ...asFound, excluded: [], source })
  }

  function setList(list: ListSetting, path: string | null): void {
    projects.editData(t('steps.data'), { [list]: path })
  }

  /** A folder that was chosen here, and not opened with a project, is split by the part folders it has. */
  function takeFolders(found: DataSummary, source: string): void {
    const { folders } = found.split
    const takes = chosen === source && folders.length > 0 && projects.data.splitBy === 'seed'
    chosen = null
    if (!takes) return
    projects.editData(t('split.foldersStep'), { splitBy: 'folders' })
    notices.info(t('split.foldersTaken', { names: folders.map(({ name }) => name).join(', ') }))
  }

  /** Counts how often a source was walked anew. */
  const reads = shallowRef(0)

  /** Looks at the chosen source; `again` also walks a folder that was walked before. */
  async function inspect(again = true): Promise<void> {
    const { source } = projects.data
    const request = ++latest
    inspectedWay = wayOf(projects.data)
    if (source === null) {
      state.value = { kind: 'none' }
      examples.value = []
      return
    }
    // Another root or split of the same images leaves them on screen until it is known.
    const before = state.value
    if (again || before.kind !== 'ready' || before.source !== source) {
      state.value = { kind: 'reading', source, files: 0 }
      examples.value = []
    }
    const asked = projects.data
    if (again) reads.value++
    try {
      const found = await services().data.inspect(asked, projects.file, again)
      if (request !== latest || found === null) return
      const sameImages = before.kind === 'ready' && sameRoot(before.summary, found)
      state.value = { kind: 'ready', source, summary: found }
      offered.value = { source, summary: found }
      takeFolders(found, source)
      if (sameImages && examples.value.length > 0) return
      await readExamples()
    } catch (thrown) {
      if (request !== latest) return
      if (state.value.kind !== 'ready' || state.value.summary === summaryOf(before))
        state.value = { kind: 'failed', source, problem: toInterlockError(thrown) }
    }
  }

  async function readExamples(): Promise<void> {
    const request = latest
    const pictures = await services().data.examples(projects.data, projects.file, examplesPerClass)
    if (request === latest) examples.value = pictures
  }
  watchDebounced(
    () => JSON.stringify(displayOf(projects.data)),
    () => state.value.kind === 'ready' && void readExamples().catch(() => undefined),
    { debounce: 250 },
  )

  /** Ends looking through a folder. */
  async function stopInspecting(): Promise<void> {
    if (state.value.kind !== 'reading') return
    latest++
    state.value = { kind: 'stopped', source: state.value.source }
    await services().data.stopInspecting()
  }

  function onEvent(event: DataEvent & { type: 'scanning' }): void {
    if (state.value.kind === 'reading') state.value = { ...state.value, files: event.files }
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
  watchDebounced(
    () => wayOf(projects.data),
    (way) => {
      if (way !== inspectedWay) void inspect(false)
    },
    { debounce: 250 },
  )

  return {
    state,
    choose,
    setList,
    summary,
    known,
    requirements,
    examples,
    reads,
    inspect,
    stopInspecting,
    onEvent,
    cacheBytes,
    readCacheSize,
    clearCache,
  }
})

/** Bands that reach the network; while the choice names bands that are not there, what the images have. */
function bandsOf(
  found: DataSummary,
  settings: DataSettings,
): Pick<DataRequirements, 'bands' | 'exactBands' | 'colour'> {
  try {
    const { names, exact, colour } = offerBands(found, settings)
    return { bands: names.length, exactBands: exact, colour }
  } catch {
    return { bands: found.bands, colour: found.colour }
  }
}
