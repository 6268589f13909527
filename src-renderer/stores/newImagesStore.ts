/** Images from outside that a run's model is asked about, one after the other. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, triggerRef } from 'vue'
import { toInterlockError } from '#shared/issues/errors'
import { bytesText } from '../frame/formatNumber'
import type { NewImageOrder } from '../evaluation/sortNewImages'
import { t } from '../i18n'
import { services } from '../rpc'
import { useEvaluationStore } from './evaluationStore'
import { useProjectStore } from './projectStore'
import { useUiStore } from './uiStore'

export interface NewImage {
  key: number
  name: string
  /** The model's, in its order; empty until it is predicted. */
  classes: readonly string[]
  /** All classes, the likeliest first; null while it waits, empty where there is a problem. */
  top: readonly { class: string; probability: number }[] | null
  /** Run, epoch and weights that said so. */
  by: string
  problem: string | null
  /** A picture as an object URL. */
  url: string | null
}

/** What a message may carry is less than a file may have. */
const pieceBytes = 4 * 2 ** 20
const mostBytes = 256 * 2 ** 20

export const useNewImagesStore = defineStore('newImages', () => {
  const evaluations = useEvaluationStore()
  const projects = useProjectStore()
  const ui = useUiStore()
  /** Newest first. */
  const images = shallowRef<NewImage[]>([])
  const order = ref<NewImageOrder>('added')
  const waiting = computed(() => images.value.filter(({ top }) => top === null).length)
  const unread = computed(() => images.value.filter(({ problem }) => problem !== null))
  let queue: { image: NewImage; file: File }[] = []
  let working = false
  let next = 1

  /** Shows the view and predicts the files with the run chosen there. */
  function add(files: readonly File[]): void {
    ui.showDock('evaluation')
    evaluations.view = 'new'
    const added = files.map((file) => ({
      file,
      image: {
        key: next++,
        name: file.name,
        classes: [],
        top: null,
        by: '',
        problem: null,
        url: null,
      } as NewImage,
    }))
    images.value = [...added.map(({ image }) => image), ...images.value]
    queue.push(...added)
    void work()
  }

  function clear(): void {
    for (const { url } of images.value) if (url) URL.revokeObjectURL(url)
    images.value = []
    queue = []
  }

  async function work(): Promise<void> {
    if (working) return
    working = true
    for (let one = queue.shift(); one; one = queue.shift()) {
      await predict(one.image, one.file)
      triggerRef(images)
    }
    working = false
  }

  async function predict(image: NewImage, file: File): Promise<void> {
    const { run, model } = evaluations
    try {
      if (!run) return refuse(image, t('evaluation.new.noRun'))
      if (file.size > mostBytes)
        return refuse(image, t('evaluation.new.large', { most: bytesText(mostBytes) }))
      image.by = `${run.name}, ${t(`evaluation.models.${model}`)}`
      const { evaluation } = services()
      const upload = crypto.randomUUID()
      for (let from = 0; from < file.size; from += pieceBytes) {
        const bytes = await file
          .slice(from, from + pieceBytes)
          .arrayBuffer()
          .catch(() => null)
        if (bytes === null) return refuse(image, t('evaluation.new.folder'))
        await evaluation.upload(upload, new Uint8Array(bytes))
      }
      const { classes, top, problem, png } = await evaluation.predictUpload(
        upload,
        file.name,
        run.runId,
        model,
        projects.data.display,
      )
      if (problem !== null) return refuse(image, problem)
      image.classes = classes
      image.top = top
      // Cleared away meanwhile: nobody would give the picture back.
      if (png && images.value.includes(image))
        image.url = URL.createObjectURL(new Blob([png.slice()], { type: 'image/png' }))
    } catch (thrown) {
      refuse(image, toInterlockError(thrown).message)
    }
  }

  function refuse(image: NewImage, problem: string): void {
    image.top = []
    image.problem = problem
  }

  return { images, order, waiting, unread, add, clear }
})
