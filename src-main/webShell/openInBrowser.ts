import { spawn } from 'node:child_process'

const openers: Partial<Record<NodeJS.Platform, [string, ...string[]]>> = {
  darwin: ['open'],
  // Not `start`: it is cmd's own, and cmd would read `&` in an address.
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
}

/**
 * Opens an address in the program that `BROWSER` names (`none` opens nothing), else in the system's browser. Failing is
 * harmless: the address is printed as well.
 */
export function openInBrowser(address: string): void {
  const chosen = process.env['BROWSER']
  if (chosen === 'none') return
  const [program, ...args] = chosen ? [chosen] : (openers[process.platform] ?? ['xdg-open'])
  const child = spawn(program, [...args, address], { stdio: 'ignore', detached: true, windowsHide: true })
  child.on('error', () => {})
  child.unref()
}
