/** Choosing a folder or a file: the system's dialog where the shell has one, else our own (PathPicker.vue). */
import { shallowRef } from 'vue'
import { services } from '../rpc'

export type PathRequest =
  | { kind: 'folder'; title: string }
  | { kind: 'openProject'; title: string }
  | { kind: 'saveProject' | 'saveReport'; title: string; suggested: string }
  | { kind: 'openScene'; title: string }
  /** `from`: the folder that is shown first. */
  | { kind: 'openList'; title: string; from: string | null }

export const openRequest = shallowRef<(PathRequest & { answer: (path: string | null) => void }) | null>(null)

/** The chosen path, or null when the person changed their mind. */
export async function pickPath(request: PathRequest): Promise<string | null> {
  const { dialog } = services()
  if (await dialog.native()) {
    switch (request.kind) {
      case 'folder':
        return dialog.pickFolder(request.title)
      case 'openProject':
        return dialog.pickProjectToOpen()
      case 'openScene':
        return dialog.pickSceneToOpen()
      case 'openList':
        return dialog.pickListToOpen(request.title)
      case 'saveProject':
        return dialog.pickProjectToSave(request.suggested)
      case 'saveReport':
        return dialog.pickReportToSave(request.suggested)
    }
  }
  openRequest.value?.answer(null)
  return new Promise((resolve) => {
    openRequest.value = {
      ...request,
      answer: (path) => {
        openRequest.value = null
        resolve(path)
      },
    }
  })
}
