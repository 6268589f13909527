/** The one window: a sandboxed page without Node, whose only way out is the message port of the preload. */
import { join } from 'node:path'
import { app, BrowserWindow, ipcMain, nativeTheme, type IpcMainEvent, type MessagePortMain } from 'electron'
import { appOrigin } from './appScheme'
import { denyNavigation } from './guards'

/** The same name as in the preload, which cannot be imported here. */
const portMessage = 'interlock:port'

export function createWindow(): BrowserWindow {
  const window = new BrowserWindow({
    title: 'Interlock',
    width: 1440,
    height: 900,
    minWidth: 960,
    minHeight: 600,
    show: false,
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#16181d' : '#ffffff',
    webPreferences: {
      preload: join(app.getAppPath(), 'out', 'preload', 'preload.cjs'),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
    },
  })
  denyNavigation(window.webContents)
  window.once('ready-to-show', () => window.show())
  // A crashed page is loaded again and finds its run; the main side has gone on.
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason !== 'clean-exit' && !window.isDestroyed()) window.reload()
  })
  void window.loadURL(`${appOrigin}/index.html`)
  return window
}

/** Takes ports from the main frame of `window()` on our own origin, and from nobody else. */
export function acceptPorts(
  window: () => BrowserWindow | null,
  onPort: (port: MessagePortMain) => void,
): void {
  ipcMain.on(portMessage, (event: IpcMainEvent) => {
    const contents = window()?.webContents
    const frame = event.senderFrame
    const [port, ...others] = event.ports
    const trusted =
      contents !== undefined &&
      event.sender === contents &&
      frame !== null &&
      frame === contents.mainFrame &&
      frame.url.startsWith(`${appOrigin}/`)
    if (trusted && port && others.length === 0) onPort(port)
    else for (const refused of event.ports) refused.close()
  })
}
