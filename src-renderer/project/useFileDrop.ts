/** Files dragged from elsewhere onto the window, wherever that is: a project to open, images to predict, or a list of images for its field. */
import { useEventListener } from '@vueuse/core'
import { readonly, ref } from 'vue'
import { t } from '../i18n'
import { useDataStore, type ListSetting } from '../stores/dataStore'
import { useNewImagesStore } from '../stores/newImagesStore'
import { useNoticeStore } from '../stores/noticeStore'
import { useProjectFiles } from './useProjectFiles'

/** Far above any project; a model file names its weights only. */
const maxBytes = 16 * 1024 * 1024

/** A browser tells the kind of files it knows; TIFF and JPEG 2000 it mostly does not. */
const isImage = ({ name, type }: File) =>
  type.startsWith('image/') || /\.(png|jpe?g|gif|webp|tiff?|jp2|bmp|avif)$/i.test(name)
/** The field for a list of images that something is dropped on. */
const listUnder = (event: DragEvent) =>
  event.target instanceof Element
    ? (event.target.closest<HTMLElement>('[data-list]')?.dataset['list'] as ListSetting | undefined)
    : undefined
const isProject = ({ name }: File) => name.toLowerCase().endsWith('.json')

const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false

export function useFileDrop() {
  const files = useProjectFiles()
  const images = useNewImagesStore()
  const data = useDataStore()
  const notices = useNoticeStore()
  const inElectron = navigator.userAgent.includes('Electron/')
  /** What the place of a dropped file is for, until it is told. */
  let awaitsPlace: ((place: string) => void) | null = null
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

  /** A browser keeps to itself where the file lies, and the project keeps the place, not the names. */
  function dropList(list: ListSetting, { name }: File): void {
    if (inElectron) awaitsPlace = (place) => data.setList(list, place)
    else notices.refuse(t('split.listDropped', { name }))
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
    const list = listUnder(event)
    if (list !== undefined && dropped.length === 1) return dropList(list, dropped[0]!)
    // What else lies among the images is listed there, with the reason.
    if (dropped.some(isImage) && !dropped.some(isProject)) return images.add(dropped)
    const refused = refusal(dropped)
    if (refused) notices.refuse(refused)
    // The desktop app tells the file's place in a moment (`preload.ts`); a browser never does.
    else if (inElectron) awaitsPlace = (place) => void files.openFile(place)
    else if (dropped[0]) void openContent(dropped[0])
  })
  useEventListener(window, 'message', ({ data, source }: MessageEvent<unknown>) => {
    if (awaitsPlace === null || source !== window || typeof data !== 'object' || data === null) return
    const place = (data as { interlockDropped?: unknown }).interlockDropped
    if (typeof place !== 'string') return
    awaitsPlace(place)
    awaitsPlace = null
  })

  return { over: readonly(over) }
}
