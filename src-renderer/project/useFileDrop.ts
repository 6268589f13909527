/** Files dragged from elsewhere onto the window, wherever that is: a project to open, or images to predict. */
import { useEventListener } from '@vueuse/core'
import { readonly, ref } from 'vue'
import { t } from '../i18n'
import { useNewImagesStore } from '../stores/newImagesStore'
import { useNoticeStore } from '../stores/noticeStore'
import { useProjectFiles } from './useProjectFiles'

/** Far above any project; a model file names its weights only. */
const maxBytes = 16 * 1024 * 1024

/** A browser tells the kind of files it knows; TIFF and JPEG 2000 it mostly does not. */
const isImage = ({ name, type }: File) =>
  type.startsWith('image/') || /\.(png|jpe?g|gif|webp|tiff?|jp2|bmp|avif)$/i.test(name)
const isProject = ({ name }: File) => name.toLowerCase().endsWith('.json')

const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false

export function useFileDrop() {
  const files = useProjectFiles()
  const images = useNewImagesStore()
  const notices = useNoticeStore()
  const inElectron = navigator.userAgent.includes('Electron/')
  let awaitsPlace = false
  /** Whether a file is over the window now. */
  const over = ref(false)

  /** Why this is no project, or null. */
  function refusal(dropped: readonly File[]): string | null {
    const [file] = dropped
    if (!file) return t('project.drop.nothing')
    if (dropped.length > 1) return t('project.drop.several', { count: dropped.length })
    if (!isProject(file)) return t('project.drop.other', { name: file.name })
    return file.size > maxBytes ? t('project.drop.large', { name: file.name }) : null
  }

  async function openContent(file: File): Promise<void> {
    const text = await notices.attempt(() => file.text())
    if (text !== null) await files.openText(text, file.name)
  }

  useEventListener(window, 'dragover', (event) => {
    if (!carriesFiles(event)) return
    // Without this the browser would leave the window for the file.
    event.preventDefault()
    if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy'
    over.value = true
  })
  useEventListener(window, 'dragleave', (event) => {
    if (event.relatedTarget === null) over.value = false
  })
  useEventListener(window, 'drop', (event) => {
    if (!carriesFiles(event)) return
    event.preventDefault()
    over.value = false
    const dropped = [...(event.dataTransfer?.files ?? [])]
    // What else lies among the images is listed there, with the reason.
    if (dropped.some(isImage) && !dropped.some(isProject)) return images.add(dropped)
    const refused = refusal(dropped)
    if (refused) notices.refuse(refused)
    // The desktop app tells the file's place in a moment (`preload.ts`); a browser never does.
    else if (inElectron) awaitsPlace = true
    else if (dropped[0]) void openContent(dropped[0])
  })
  useEventListener(window, 'message', ({ data, source }: MessageEvent<unknown>) => {
    if (!awaitsPlace || source !== window || typeof data !== 'object' || data === null) return
    const place = (data as { interlockDropped?: unknown }).interlockDropped
    if (typeof place !== 'string') return
    awaitsPlace = false
    void files.openFile(place)
  })

  return { over: readonly(over) }
}
