/** The window in a browser: the same services as in the desktop app, behind a loopback server. */
import { packedChannel } from '#shared/rpc/packedChannel'
import { webSocketChannel } from '#shared/rpc/channel'
import { serveWindow, type ServedWindow } from '#shared/rpc/serveWindow'
import type { WebSocket } from 'ws'
import { version } from '../../package.json'
import { onInterrupt } from '../onInterrupt'
import { createServices } from '../services/createServices'
import { openInBrowser } from './openInBrowser'
import { builtFolder } from './builtFolder'
import { startWebServer } from './webServer'

/** A window that takes nothing for this long a queue is cut off; it finds its run again when it is reloaded. */
const maxQueuedBytes = 64 * 1024 * 1024

export interface WebShell {
  /** Loopback address with the token in its fragment. */
  address: string
  /** Settles when the shell has ended, after a signal ({@link onInterrupt}). */
  closed: Promise<void>
}

/**
 * Serves the window on 127.0.0.1 until the process is told to end. Any number of windows may come and go; runs go on
 * without one. `port` 0 takes a free one. Throws PORT_TAKEN.
 */
export async function startWebShell({ port, open }: { port: number; open: boolean }): Promise<WebShell> {
  const onDefect = (error: unknown) => console.error(error)
  const { openWindow, onRunEvent, onRateEvent, dispose } = createServices({ shell: 'browser', version })
  const windows = new Map<WebSocket, ServedWindow>()

  const server = await startWebServer({
    port,
    files: builtFolder('renderer'),
    onWindow(socket) {
      const { services, close } = openWindow({
        dataEvent: (event) => windows.get(socket)?.events.dataEvent(event),
      })
      windows.set(socket, serveWindow(packedChannel(webSocketChannel(socket), onDefect), services, onDefect))
      socket.on('close', () => {
        windows.delete(socket)
        close()
      })
    },
  }).catch(async (error: unknown) => {
    await dispose()
    throw error
  })

  function tell(event: (window: ServedWindow) => void): void {
    for (const [socket, window] of windows) {
      if (socket.bufferedAmount > maxQueuedBytes) socket.terminate()
      else event(window)
    }
  }
  const listening = [
    onRunEvent((event) => tell(({ events }) => events.runEvent(event))),
    onRateEvent((event) => tell(({ events }) => events.rateEvent(event))),
  ]

  const closed = new Promise<void>((resolve, reject) => {
    onInterrupt(() => {
      for (const stopListening of listening) stopListening()
      Promise.all([server.close(), dispose()]).then(() => resolve(), reject)
    })
  })

  if (open) openInBrowser(server.createOpenAddress())
  return { address: server.address, closed }
}
