/** The one window: a sandboxed page without Node, whose only way out is the message port of the preload. */
import { join } from 'node:path'
import {
  app,
  BrowserWindow,
  ipcMain,
  nativeTheme,
  type IpcMainEvent,
  type MessagePortMain,
  type WebPreferences,
} from 'electron'
import { appOrigin } from './appScheme'
import { denyNavigation } from './guards'

/** The same name as in the preload, which cannot be imported here. */
const portMessage = 'interlock:port'

/** What every window of the app is denied. A function, since the app's path is known only at run time. */
export function safePreferences(): WebPreferences {
  return {
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
  }
}

export function createWindow(): BrowserWindow {
  const window = new BrowserWindow({
    title: 'Interlock',
    width: 1440,
    height: 900,
    minWidth: 960,
    minHeight: 600,
    show: false,
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#16181d' : '#ffffff',
    webPreferences: safePreferences(),
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

export interface PortTarget {
  window(): BrowserWindow | null
  origin: string
  onPort(port: MessagePortMain): void
}

/** Takes a port from the main frame of a target's window on that target's own origin, and from nobody else. */
export function acceptPorts(targets: readonly PortTarget[]): void {
  ipcMain.on(portMessage, (event: IpcMainEvent) => {
    const { sender, senderFrame: frame, ports } = event
    const target = targets.find(({ window }) => window()?.webContents === sender)
    const [port, ...others] = ports
    const trusted =
      frame !== null &&
      frame === sender.mainFrame &&
      target !== undefined &&
      frame.url.startsWith(`${target.origin}/`)
    if (trusted && port && others.length === 0) target.onPort(port)
    else for (const refused of ports) refused.close()
  })
}
