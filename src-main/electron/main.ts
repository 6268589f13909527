/** The desktop app: one window over the same services as the other shells. */
import { app, BrowserWindow, dialog, Menu, session } from 'electron'
import { electronPortChannel } from '#shared/rpc/channel'
import { packedChannel } from '#shared/rpc/packedChannel'
import { serveWindow, type ServedWindow } from '#shared/rpc/serveWindow'
import { createServices } from '../services/createServices'
import { builtFolder } from '../webShell/builtFolder'
import { appOrigin, gpuOrigin, registerAppScheme, serveAppScheme } from './appScheme'
import { nativeDialogs } from './dialogs'
import { denyNavigation, denyPermissions } from './guards'
import { HostWindow } from './hostWindow'
import { menuTemplate } from './menu'
import { startUtilityDecoder } from './utilityDecoder'
import { acceptPorts, createWindow } from './window'

/** Does at once, when it is called, what must come before the app is ready; settles when the window is open. */
export async function startDesktop(): Promise<void> {
  if (!app.requestSingleInstanceLock()) {
    app.quit()
    return
  }
  app.enableSandbox()
  // Chromium would refuse WebGPU after a crash of the graphics process, until the next start.
  app.disableDomainBlockingFor3DAPIs()
  if (process.platform === 'linux') {
    app.commandLine.appendSwitch('enable-unsafe-webgpu')
    app.commandLine.appendSwitch('enable-features', 'Vulkan')
  }
  registerAppScheme()
  app.on('web-contents-created', (_event, contents) => denyNavigation(contents))

  await app.whenReady()
  app.on('session-created', denyPermissions)
  denyPermissions(session.defaultSession)
  serveAppScheme(session.defaultSession, appOrigin, builtFolder('renderer'))
  await runWindow()
}

async function runWindow(): Promise<void> {
  const onDefect = (error: unknown) => console.error(error)
  const host = new HostWindow()
  const {
    openWindow: openServices,
    onRunEvent,
    onRateEvent,
    dispose,
  } = createServices({
    shell: 'electron',
    version: app.getVersion(),
    gpu: host,
    startDecoder: startUtilityDecoder,
  })
  let window: BrowserWindow | null = null
  let served: ServedWindow | null = null
  let activeRun: string | null = null

  function shownWindow(): BrowserWindow {
    if (window === null) throw new Error('The window is closed.')
    return window
  }

  let closeServices = () => {}
  acceptPorts([
    {
      window: () => window,
      origin: appOrigin,
      onPort: (port) => {
        // A reloaded page brings a new port; the old one is dead.
        served?.close()
        closeServices()
        const { services, close } = openServices(
          { dataEvent: (event) => opened.events.dataEvent(event) },
          (own) => nativeDialogs(shownWindow, own),
        )
        closeServices = close
        const opened = serveWindow(packedChannel(electronPortChannel(port), onDefect), services, onDefect)
        served = opened
      },
    },
    { window: () => host.window, origin: gpuOrigin, onPort: (port) => host.takePage(port) },
  ])

  onRunEvent((event) => {
    if (event.type === 'created') activeRun = event.runId
    if ((event.type === 'finished' || event.type === 'failed') && event.runId === activeRun) activeRun = null
    served?.events.runEvent(event)
  })
  onRateEvent((event) => served?.events.rateEvent(event))
  Menu.setApplicationMenu(
    Menu.buildFromTemplate(menuTemplate(process.platform, (id) => served?.events.command(id))),
  )

  /** Whether a run may be ended by closing; asked only while there is one. */
  function mayClose(): boolean {
    if (activeRun === null || window === null) return true
    const answer = dialog.showMessageBoxSync(window, {
      type: 'question',
      message: 'A run is going on.',
      detail: 'Closing Interlock stops it. What it has learnt is saved; it can be resumed among the runs.',
      buttons: ['Go On Training', 'Stop and Close'],
      defaultId: 0,
      cancelId: 0,
    })
    return answer === 1
  }

  function mayLeaveUnsaved(opened: BrowserWindow): boolean {
    const answer = dialog.showMessageBoxSync(opened, {
      type: 'question',
      message: 'The project has unsaved changes.',
      detail: 'Interlock keeps them and offers them the next time it starts.',
      buttons: ['Go On Editing', 'Close Without Saving'],
      defaultId: 0,
      cancelId: 0,
    })
    return answer === 1
  }

  function openWindow(): void {
    const opened = createWindow()
    window = opened
    opened.on('close', (event) => {
      if (!mayClose()) event.preventDefault()
    })
    // The page asks to be kept while it has unsaved changes; a browser would put the question itself.
    opened.webContents.on('will-prevent-unload', (event) => {
      if (mayLeaveUnsaved(opened)) event.preventDefault()
    })
    opened.on('closed', () => {
      // Hidden windows count too: without this, `window-all-closed` would never come.
      if (process.platform !== 'darwin') host.close()
      served?.close()
      served = null
      closeServices()
      window = null
    })
  }

  app.on('second-instance', () => {
    if (window?.isMinimized()) window.restore()
    window?.focus()
  })
  app.on('activate', () => {
    if (window === null) openWindow()
  })
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit()
  })

  let ended = false
  app.on('will-quit', (event) => {
    if (ended) return
    event.preventDefault()
    ended = true
    // Checkpoints and the engine's thread are closed in order; then quitting is asked for again.
    dispose()
      .catch(onDefect)
      .finally(() => app.quit())
  })
  host.open()
  openWindow()
}
