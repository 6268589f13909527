/** The system's own dialogs, as the native part of `DialogService`. */
import { dialog, type BrowserWindow, type FileFilter } from 'electron'
import type { DialogService } from '#shared/rpc/services'
import { InterlockError } from '#shared/issues/errors'

const projectFilters: FileFilter[] = [
  { name: 'Interlock project', extensions: ['interlock.json', 'json'] },
  { name: 'All files', extensions: ['*'] },
]

/** Text for a dialog's title or name field; what the page sent may be anything. */
function shortText(value: unknown, what: string): string {
  if (typeof value === 'string' && value.length <= 200) return value
  throw new InterlockError('ARGUMENT_INVALID', {
    what,
    expected: 'a text of at most 200 characters',
    found: typeof value,
  })
}

const sceneFilters: FileFilter[] = [
  { name: 'GeoTIFF', extensions: ['tif', 'tiff'] },
  { name: 'All files', extensions: ['*'] },
]

const listFilters: FileFilter[] = [
  { name: 'List of images', extensions: ['txt', 'csv', 'tsv', 'lst'] },
  { name: 'All files', extensions: ['*'] },
]

const reportFilters: FileFilter[] = [{ name: 'HTML file', extensions: ['html'] }]

/** A name as a file name on any system. */
function fileName(name: string, ending: string): string {
  const safe = name.replace(/[<>:"/\\|?*\u0000-\u001f]/g, ' ').trim()
  return `${safe === '' ? 'Untitled' : safe}${ending}`
}

/** `window` answers the one that dialogs belong to; `services` lists folders as everywhere. */
export function nativeDialogs(window: () => BrowserWindow, services: DialogService): DialogService {
  async function pickOne(
    properties: 'openDirectory' | 'openFile',
    title: string,
    filters: FileFilter[],
  ): Promise<string | null> {
    const { canceled, filePaths } = await dialog.showOpenDialog(window(), {
      title,
      filters,
      properties: [properties],
    })
    return canceled ? null : (filePaths[0] ?? null)
  }
  async function save(title: string, defaultPath: string, filters: FileFilter[]): Promise<string | null> {
    const { canceled, filePath } = await dialog.showSaveDialog(window(), { title, defaultPath, filters })
    return canceled || filePath === '' ? null : filePath
  }
  return {
    native: async () => true,
    pickFolder: async (title) => pickOne('openDirectory', shortText(title, 'title'), []),
    pickProjectToOpen: async () => pickOne('openFile', 'Open project', projectFilters),
    pickProjectToSave: async (suggestedName) =>
      save(
        'Save project',
        fileName(shortText(suggestedName, 'suggestedName'), '.interlock.json'),
        projectFilters,
      ),
    pickReportToSave: async (suggestedName) =>
      save('Save report', fileName(shortText(suggestedName, 'suggestedName'), '.html'), reportFilters),
    pickSceneToOpen: async () => pickOne('openFile', 'Choose a scene', sceneFilters),
    pickListToOpen: async (title) => pickOne('openFile', shortText(title, 'title'), listFilters),
    listFolder: (path, showFiles) => services.listFolder(path, showFiles),
  }
}
