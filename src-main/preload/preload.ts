/**
 * Gives the page one end of a message port, the main side the other, and tells it where a file that was dropped on the window
 * lies. Nothing else: no function of Electron or Node is reachable from the page.
 */
import { ipcRenderer, webUtils } from 'electron'

/** Main takes the port from this message after it has checked who sent it. */
export const portMessage = 'interlock:port'

// By then the page's module scripts have run and listen.
window.addEventListener('DOMContentLoaded', () => {
  const { port1, port2 } = new MessageChannel()
  ipcRenderer.postMessage(portMessage, null, [port1])
  window.postMessage({ interlockPort: true }, window.location.origin, [port2])
})

window.addEventListener('drop', ({ dataTransfer }) => {
  const [file] = dataTransfer?.files ?? []
  if (file) window.postMessage({ interlockDropped: webUtils.getPathForFile(file) }, window.location.origin)
})
