/** The images of the project's source one by one, and what a survey of them found. Read when a section that shows them is open. */
import { defineStore } from 'pinia'
import { computed, shallowRef, watch } from 'vue'
import type { DataSurvey, ImageListing } from '#shared/data/survey'
import { InterlockError } from '#shared/issues/errors'
import { t } from '../i18n'
import { services } from '../rpc'
import { listedAs, useDataStore } from './dataStore'
import { useNoticeStore } from './noticeStore'
import { useProjectStore } from './projectStore'

/** An image as a person finds it. */
export interface ListedImage {
  className: string
  label: number
  /** Relative to the source, with `/`. */
  file: string
}

export const useSurveyStore = defineStore('survey', () => {
  const projects = useProjectStore()
  const data = useDataStore()
  const notices = useNoticeStore()

  const listing = shallowRef<ImageListing | null>(null)
  const survey = shallowRef<DataSurvey | null>(null)
  /** Of a survey under way. */
  const progress = shallowRef<{ done: number; total: number } | null>(null)
  /** What there is to list; leaving images out changes nothing of it. */
  const wanted = computed(() => data.summary && `${data.reads} ${listedAs(data.summary)}`)
  let listedFor: string | null = null
  let latest = 0

  /** By position. */
  const images = computed<readonly ListedImage[]>(() =>
    (listing.value?.classes ?? []).flatMap(({ name, files }, label) =>
      files.map((file) => ({ className: name, label, file })),
    ),
  )
  const excluded = computed<ReadonlySet<string>>(() => new Set(projects.data.excluded))
  /** The digits are no files: there is nothing to leave out. */
  const canExclude = computed(() => listing.value !== null && listing.value.folder !== '')
  const isExcluded = (image: number) => excluded.value.has(images.value[image]?.file ?? '')

  function forget(): void {
    latest++
    listedFor = null
    listing.value = null
    survey.value = null
    progress.value = null
  }
  watch(wanted, (now) => now !== listedFor && forget())

  /** Lists the images, unless they are listed. */
  async function list(): Promise<void> {
    if (wanted.value === null || wanted.value === listedFor) return
    forget()
    listedFor = wanted.value
    const request = latest
    try {
      const found = await services().survey.list(projects.data, projects.file)
      if (request === latest) listing.value = found
    } catch (thrown) {
      if (request !== latest) return
      listedFor = null
      notices.error(thrown)
    }
  }

  /** Looks at every image; what is known needs no second look. */
  async function run(): Promise<void> {
    if (listing.value === null) await list()
    const id = listing.value?.id
    if (id === undefined) return
    progress.value ??= { done: 0, total: images.value.length }
    const request = ++latest
    try {
      const found = await services().survey.survey(id, projects.data)
      if (request === latest && found !== null) survey.value = found
    } catch (thrown) {
      if (request === latest) lost(thrown)
    }
    if (request === latest) progress.value = null
  }

  async function stop(): Promise<void> {
    latest++
    progress.value = null
    await services().survey.stop()
  }

  /** After a break in the connection the images are to be listed anew; anything else is told. */
  function lost(thrown: unknown): void {
    if (thrown instanceof InterlockError && thrown.code === 'LISTING_GONE') {
      forget()
      void list()
    } else notices.error(thrown)
  }

  // Another split or another image left out changes what duplicates mean, not what was seen.
  watch(
    () => projects.data,
    () => survey.value !== null && void run(),
  )

  function onEvent({ done, total }: { done: number; total: number }): void {
    if (progress.value) progress.value = { done, total }
  }

  /** Leaves images out of training, or takes them in again. */
  function setExcluded(which: readonly number[], out: boolean): void {
    const files = new Set(which.map((image) => images.value[image]?.file ?? ''))
    const others = projects.data.excluded.filter((file) => !files.has(file))
    const next = out ? [...others, ...files].sort() : others
    const label = t(out ? 'steps.leaveOut' : 'steps.takeIn', { count: files.size })
    projects.edit(label, (draft) => void (draft.data.excluded = next), null)
  }

  return {
    wanted,
    listing,
    images,
    survey,
    progress,
    canExclude,
    excluded,
    isExcluded,
    list,
    run,
    stop,
    lost,
    onEvent,
    setExcluded,
  }
})
