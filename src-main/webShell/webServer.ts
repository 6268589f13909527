/**
 * A loopback HTTP and WebSocket server for the window's files and its RPC line. Other programs and web pages on this
 * machine can reach the port, so every request must name this very host, come from this very origin, and the line needs
 * the token (`webToken.ts`).
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer, STATUS_CODES, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex, Readable } from 'node:stream'
import sirv from 'sirv'
import { WebSocketServer, type WebSocket } from 'ws'
import { InterlockError } from '#shared/issues/errors'
import { rpcPath, rpcProtocol, tokenOfProtocols, windowAddress } from '#shared/rpc/webToken'
import { contentSecurityPolicy, securityHeaders } from './contentSecurityPolicy'

/** Far above any project; a larger message closes the line. */
const maxMessageBytes = 16 * 1024 * 1024
const maxWindows = 32
const openPath = '/open'
const openNonceLifetimeMs = 60_000

export interface WebServer {
  /** What a person opens: origin and token. */
  address: string
  origin: string
  /** For the browser this machine opens by itself: works once, soon, and does not show the token in the process list. */
  createOpenAddress(): string
  close(): Promise<void>
}

export interface WebServerOptions {
  /** 0 takes a free one. */
  port: number
  /** Folder of the built window. */
  files: string
  onWindow(socket: WebSocket): void
}

/** Equal texts, in a time that does not depend on where they differ. */
function sameSecret(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    // Stays for as long as the server: an error that nobody hears, as when too many files are open, would end the process.
    server.on('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE' || error.code === 'EACCES'
          ? new InterlockError('PORT_TAKEN', { port })
          : error,
      )
    })
    server.listen(port, '127.0.0.1', resolve)
  })
  return (server.address() as AddressInfo).port
}

/** Throws PORT_TAKEN. */
export async function startWebServer({ port, files, onWindow }: WebServerOptions): Promise<WebServer> {
  const token = randomBytes(32).toString('hex')
  const openNonces = new Map<string, number>()
  let hosts: readonly string[] = []
  let policy = ''

  /** Status to refuse with, or null. A page's own GET carries no Origin; `originRequired` is for the WebSocket. */
  function refusal(request: IncomingMessage, originRequired: boolean): number | null {
    const { host, origin } = request.headers
    // Against DNS rebinding: a foreign name that was made to point at 127.0.0.1 stands here.
    if (host === undefined || !hosts.includes(host)) return 421
    if (origin === undefined) return originRequired ? 403 : null
    return origin === `http://${host}` ? null : 403
  }

  /** Whether the nonce was given out, is fresh, and was not used before. */
  function useNonce(nonce: string | null): boolean {
    const madeAt = nonce === null ? undefined : openNonces.get(nonce)
    if (nonce === null || madeAt === undefined) return false
    openNonces.delete(nonce)
    return Date.now() - madeAt < openNonceLifetimeMs
  }

  const serveFile = sirv(files, {
    etag: true,
    setHeaders: (response, path) => {
      // Names under assets/ carry a hash of their content.
      const fixed = path.startsWith('/assets/')
      response.setHeader('Cache-Control', fixed ? 'private, max-age=31536000, immutable' : 'no-cache')
    },
  })

  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value)
    response.setHeader('Content-Security-Policy', policy)
    const answer = (status: number, headers: Record<string, string> = {}) => {
      response.writeHead(status, {
        'Content-Type': 'text/plain; charset=utf-8',
        'Cache-Control': 'no-store',
        ...headers,
      })
      response.end(`${STATUS_CODES[status]}\n`)
    }
    const refused = refusal(request, false)
    if (refused !== null) return answer(refused)
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer(405, { Allow: 'GET, HEAD' })
    const base = `http://${hosts[0]}`
    if (!URL.canParse(request.url ?? '', base)) return answer(400)
    const url = new URL(request.url ?? '', base)
    if (url.pathname === openPath) {
      return useNonce(url.searchParams.get('once'))
        ? answer(303, { Location: windowAddress('', token) })
        : answer(403)
    }
    // sirv answers parts of files, and throws where a part ends before it begins; no page of ours asks for any.
    delete request.headers.range
    // Nor does it hear that a file it listed is gone, as while the window is built anew.
    response.on('pipe', (file: Readable) => file.on('error', () => response.destroy()))
    serveFile(request, response, () => answer(404))
  })

  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxMessageBytes,
    perMessageDeflate: false,
    handleProtocols: () => rpcProtocol,
  })

  function refuseUpgrade(socket: Duplex, status: number): void {
    socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
  }

  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy())
    const refused = refusal(request, true)
    if (refused !== null) return refuseUpgrade(socket, refused)
    if (request.url !== rpcPath) return refuseUpgrade(socket, 404)
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
    const given = tokenOfProtocols(offered)
    if (given === null || !sameSecret(given, token)) return refuseUpgrade(socket, 401)
    if (sockets.clients.size >= maxWindows) return refuseUpgrade(socket, 503)
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      // ws closes the line itself after an error; unheard, the event would end the process.
      webSocket.on('error', () => {})
      onWindow(webSocket)
    })
  })

  const boundPort = await listen(server, port)
  hosts = [`127.0.0.1:${boundPort}`, `localhost:${boundPort}`]
  policy = contentSecurityPolicy(hosts.map((host) => `ws://${host}`))
  const origin = `http://${hosts[0]}`

  return {
    origin,
    address: windowAddress(origin, token),
    createOpenAddress() {
      const nonce = randomBytes(32).toString('hex')
      openNonces.set(nonce, Date.now())
      return `${origin}${openPath}?once=${nonce}`
    },
    close: () =>
      new Promise((resolve) => {
        for (const client of sockets.clients) client.terminate()
        sockets.close()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
