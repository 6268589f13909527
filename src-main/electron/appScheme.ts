/** The windows' own scheme, `interlock://app/…`: secure origins that serve the files of one folder each, with a strict policy. */
import { readFile } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import { protocol, type Session } from 'electron'
import { contentSecurityPolicy, securityHeaders } from '../webShell/contentSecurityPolicy'

const scheme = 'interlock'
/** Of the window that people see, and of the hidden one that lends its graphics device. */
export const appOrigin = `${scheme}://app`
export const gpuOrigin = `${scheme}://gpu`

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
}

/** Must run before the app is ready. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ])
}

/** The file for an address, or null when it is none of ours or outside the folder. */
export function fileOfAddress(address: string, origin: string, folder: string): string | null {
  if (!address.startsWith(`${origin}/`)) return null
  let path: string
  try {
    path = decodeURIComponent(new URL(address).pathname)
  } catch {
    return null
  }
  if (path.includes('\0') || path.includes('\\')) return null
  const file = join(folder, path === '/' ? 'index.html' : path)
  return file.startsWith(folder + sep) ? file : null
}

/** Answers addresses of `origin` in a session with the files of `folder`, and cancels every request to anything else. */
export function serveAppScheme(session: Session, origin: string, folder: string): void {
  session.protocol.handle(scheme, async (request) => {
    const headers = { ...securityHeaders, 'Content-Security-Policy': contentSecurityPolicy() }
    const file = request.method === 'GET' ? fileOfAddress(request.url, origin, folder) : null
    const bytes = file === null ? null : await readFile(file).catch(() => null)
    if (file === null || bytes === null) return new Response('Not found', { status: 404, headers })
    const type = contentTypes[extname(file)] ?? 'application/octet-stream'
    return new Response(new Uint8Array(bytes), { headers: { ...headers, 'Content-Type': type } })
  })
  session.webRequest.onBeforeRequest(({ url }, decide) => {
    const own = url.startsWith(`${origin}/`) || url.startsWith('blob:') || url.startsWith('data:')
    decide({ cancel: !own && !url.startsWith('devtools:') })
  })
}
