/** A file dragged from elsewhere onto the window, wherever that is. */
import { useEventListener } from '@vueuse/core'
import { readonly, ref } from 'vue'
import { t } from '../i18n'
import { useNoticeStore } from '../stores/noticeStore'
import { useProjectFiles } from './useProjectFiles'

/** Far above any project; a model file names its weights only. */
const maxBytes = 16 * 1024 * 1024

const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false

export function useFileDrop() {
  const files = useProjectFiles()
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
    if (!file.name.toLowerCase().endsWith('.json')) return t('project.drop.other', { name: file.name })
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
