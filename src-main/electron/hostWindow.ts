/**
 * The hidden window that lends its WebGPU device to the engine's thread (src-main/engine/hostWindow). A page and an engine
 * thread are joined port to port and belong together: when either goes, the other's port ends, and both are made anew.
 */
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { BrowserWindow, session, type MessagePortMain } from 'electron'
import type { GpuLender } from '../services/gpuLender'
import { builtFolder } from '../webShell/builtFolder'
import { gpuOrigin, serveAppScheme } from './appScheme'
import { safePreferences } from './window'

/** A graphics driver that keeps killing its process is left alone; the engine then uses the CPU. */
const maxReloads = 5
/** A page that has not loaded by then never will; the engine must not wait for it. */
const loadTimeMs = 10_000

export class HostWindow implements GpuLender {
  window: BrowserWindow | null = null
  private page: MessagePortMain | null = null
  private engine: MessagePort | null = null
  private reloads = 0
  private renewed: () => void = () => {}

  /** After the app is ready. */
  open(): void {
    // In memory only, and apart from what the visible window keeps.
    const own = session.fromPartition('gpu')
    serveAppScheme(own, gpuOrigin, builtFolder('hostWindow'))
    const opened = new BrowserWindow({
      show: false,
      skipTaskbar: true,
      webPreferences: { ...safePreferences(), session: own, backgroundThrottling: false },
    })
    this.window = opened
    opened.webContents.on('render-process-gone', () => {
      this.part()
      this.reload()
    })
    opened.on('closed', () => {
      this.window = null
      this.part()
    })
    void opened.loadURL(`${gpuOrigin}/index.html`)
  }

  close(): void {
    this.window?.destroy()
  }

  openPort(): MessagePort {
    const { port1, port2 } = new MessageChannel()
    // The page's worker serves one line; a new engine thread gets a new one.
    if (this.engine) {
      this.part()
      this.reload()
    }
    this.engine = port2
    port2.on('close', () => {
      if (this.engine === port2) this.part()
    })
    this.join()
    setTimeout(() => {
      if (this.engine === port2 && this.page === null) this.part()
    }, loadTimeMs).unref()
    return port1
  }

  onRenewed(listener: () => void): void {
    this.renewed = listener
  }

  /** The port of a page that has loaded. */
  takePage(port: MessagePortMain): void {
    this.page?.close()
    this.page = port
    if (this.engine) this.join()
    else this.renewed()
  }

  private join(): void {
    const { page, engine } = this
    if (!page || !engine) return
    // Copies, never transfers: Electron's ports lose what is transferred (electron 34905).
    engine.on('message', (message: unknown) => page.postMessage(message))
    page.on('message', ({ data }) => engine.postMessage(data))
    page.start()
  }

  private part(): void {
    const { page, engine } = this
    this.page = null
    this.engine = null
    page?.close()
    engine?.close()
  }

  private reload(): void {
    if (this.window === null || this.reloads >= maxReloads) return
    this.reloads++
    this.window.reload()
  }
}
