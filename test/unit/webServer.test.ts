/** The web shell's rules, with real HTTP and WebSocket requests to the real server. */
import { mkdtemp, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { request, type IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, describe, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { webSocketChannel } from '#shared/rpc/channel'
import { connectMain } from '#shared/rpc/connectMain'
import { packedChannel } from '#shared/rpc/packedChannel'
import { serveWindow } from '#shared/rpc/serveWindow'
import { offeredProtocols, rpcProtocol, tokenOfFragment, tokenOfProtocols } from '#shared/rpc/webToken'
import { startWebServer, type WebServer } from '../../src-main/webShell/webServer'

let folder: string
let server: WebServer
let port: number
let token: string
const onWindow = vi.fn<(socket: WebSocket) => void>()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'interlock-web-'))
  await mkdir(join(folder, 'files', 'assets'), { recursive: true })
  await writeFile(join(folder, 'files', 'index.html'), '<title>The window</title>')
  await writeFile(join(folder, 'files', 'assets', 'app-1a2b.js'), 'export {}')
  await writeFile(join(folder, 'files', '.hidden'), 'hidden')
  await writeFile(join(folder, 'secret.txt'), 'secret')
  server = await startWebServer({ port: 0, files: join(folder, 'files'), onWindow })
  const url = new URL(server.address)
  port = Number(url.port)
  token = tokenOfFragment(url.hash) ?? ''
})

afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true })
})

interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

function ask(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (text: string) => (body += text))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
    })
    sent.on('error', reject).end()
  })
}

interface Knock {
  path?: string
  host?: string
  origin?: string | null
  protocols?: string[]
}

/** Opens the RPC line; answers 101 when it opened, else the HTTP status of the refusal. */
function knock({
  path = '/rpc',
  host,
  origin = `http://127.0.0.1:${port}`,
  protocols,
}: Knock): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols ?? offeredProtocols(token), {
      headers: {
        ...(host === undefined ? {} : { Host: host }),
        ...(origin === null ? {} : { Origin: origin }),
      },
    })
    socket.on('open', () => {
      socket.close()
      resolve(101)
    })
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
    socket.on('error', reject)
  })
}

describe('files', () => {
  it('serves the window with a strict policy', async () => {
    const { status, headers, body } = await ask('/')
    expect(status).toBe(200)
    expect(body).toContain('The window')
    const policy = headers['content-security-policy'] ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self';")
    expect(policy).toContain(`ws://127.0.0.1:${port}`)
    expect(policy).not.toMatch(/unsafe|\*|https?:/)
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['x-frame-options']).toBe('DENY')
    expect(headers['referrer-policy']).toBe('no-referrer')
    expect(headers['cross-origin-resource-policy']).toBe('same-origin')
    expect(headers).not.toHaveProperty('access-control-allow-origin')
  })

  it('lets the browser keep hashed files only', async () => {
    expect((await ask('/assets/app-1a2b.js')).headers['cache-control']).toContain('immutable')
    expect((await ask('/index.html')).headers['cache-control']).toBe('no-cache')
  })

  it.each([
    'evil.example',
    'evil.example:80',
    '127.0.0.1',
    '127.0.0.1:1',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
  ])('refuses the Host %s', async (host) => {
    const { status, body } = await ask('/', { Host: host })
    expect(status).toBe(421)
    expect(body).not.toContain('The window')
  })

  it('answers to localhost as well', async () => {
    expect((await ask('/', { Host: `localhost:${port}` })).status).toBe(200)
  })

  it.each(['http://evil.example', 'null', 'http://127.0.0.1:1', 'file://'])(
    'refuses the Origin %s',
    async (origin) => {
      expect((await ask('/', { Origin: origin })).status).toBe(403)
    },
  )

  it('refuses https of itself as Origin', async () => {
    expect((await ask('/', { Origin: `https://127.0.0.1:${port}` })).status).toBe(403)
  })

  it.each([
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/%2e%2e%2fsecret.txt',
    '/..%2fsecret.txt',
    '/..%5csecret.txt',
    '/..\\secret.txt',
    '/%252e%252e/secret.txt',
    '//../secret.txt',
    '/assets/%00../../secret.txt',
    '/.hidden',
    '/%',
    '/nothing.js',
  ])('does not leave its folder for %s', async (path) => {
    const { status, body } = await ask(path)
    expect(status).toBeGreaterThanOrEqual(400)
    expect(body).not.toContain('secret')
    expect(body).not.toContain('hidden')
  })

  it('does not follow a link that is made later', async () => {
    await symlink(join(folder, 'secret.txt'), join(folder, 'files', 'link.txt'))
    expect((await ask('/link.txt')).status).toBe(404)
  })

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('refuses %s', async (method) => {
    expect((await ask('/', {}, method)).status).toBe(405)
  })

  it('answers whole files, also where a part is asked for that cannot be', async () => {
    for (const range of ['bytes=5-2', 'bytes=1-', 'bytes=x']) {
      const { status, body } = await ask('/', { range })
      expect([status, body]).toEqual([200, '<title>The window</title>'])
    }
  })

  it('survives that a file is gone', async () => {
    await writeFile(join(folder, 'files', 'gone.txt'), 'gone')
    const other = await startWebServer({ port: 0, files: join(folder, 'files'), onWindow })
    await rm(join(folder, 'files', 'gone.txt'))
    await expect(fetch(`${other.origin}/gone.txt`).then((answer) => answer.text())).rejects.toThrow()
    expect((await fetch(`${other.origin}/`)).status).toBe(200)
    await other.close()
  })

  it('survives a request that is no HTTP', async () => {
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => socket.write('\0\0\0nonsense\r\n\r\n'))
      let text = ''
      socket.on('data', (bytes) => (text += bytes.toString()))
      socket.on('close', () => resolve(text))
      socket.on('error', reject)
    })
    expect(answer).toMatch(/^HTTP\/1.1 400/)
    expect((await ask('/')).status).toBe(200)
  })

  it('listens on loopback only', async () => {
    const outside = Object.values(networkInterfaces())
      .flat()
      .find((address) => address?.family === 'IPv4' && !address.internal)
    if (!outside) {
      // No other interface to try here: what it is bound to must do.
      expect(new URL(server.origin).hostname).toBe('127.0.0.1')
      return
    }
    const refused = await new Promise((resolve) => {
      const socket = connect(port, outside.address, () => resolve('connected'))
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code))
    })
    expect(refused).toBe('ECONNREFUSED')
  })
})

describe('the RPC line', () => {
  it('opens for the window', async () => {
    expect(await knock({})).toBe(101)
  })

  it.each<[string, Knock, number]>([
    ['a foreign Origin', { origin: 'http://evil.example' }, 403],
    ['another port of this machine as Origin', { origin: 'http://127.0.0.1:1' }, 403],
    ['no Origin', { origin: null }, 403],
    ['a foreign Host', { host: 'evil.example' }, 421],
    ['a foreign Host with its own Origin', { host: 'evil.example', origin: 'http://evil.example' }, 421],
    ['no token', { protocols: [rpcProtocol] }, 401],
    ['a wrong token', { protocols: offeredProtocols('0'.repeat(64)) }, 401],
    ['another path', { path: '/other' }, 404],
    ['the token in the path', { path: '/rpc?token=1' }, 404],
  ])('refuses %s', async (_name, how, status) => {
    onWindow.mockClear()
    expect(await knock(how)).toBe(status)
    expect(onWindow).not.toHaveBeenCalled()
  })

  it('refuses a token cut short or made longer, and no protocol at all', async () => {
    expect(await knock({ protocols: offeredProtocols(token.slice(0, -1)) })).toBe(401)
    expect(await knock({ protocols: offeredProtocols(`${token}00`) })).toBe(401)
    expect(await knock({ protocols: [] })).toBe(401)
  })

  it('never sends the token back', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/rpc`, offeredProtocols(token), {
      origin: server.origin,
    })
    await new Promise((resolve) => socket.on('open', resolve))
    expect(socket.protocol).toBe(rpcProtocol)
    socket.close()
  })

  it('ends a line that sends too much at once, and the server goes on', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/rpc`, offeredProtocols(token), {
      origin: server.origin,
    })
    socket.on('error', () => {})
    await new Promise((resolve) => socket.on('open', resolve))
    const closed = new Promise<number>((resolve) => socket.on('close', resolve))
    socket.send(new Uint8Array(17 * 1024 * 1024))
    expect(await closed).toBe(1009)
    expect(await knock({})).toBe(101)
  })

  it('carries calls, and one event to several windows', async () => {
    const services = { training: { runs: async () => [] } } as never
    const served: ReturnType<typeof serveWindow>[] = []
    onWindow.mockImplementation((socket) => {
      served.push(serveWindow(packedChannel(webSocketChannel(socket)), services, () => {}))
    })
    const heard: string[] = []
    const windows = ['first', 'second'].map((name) => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/rpc`, offeredProtocols(token), {
        origin: server.origin,
      })
      return connectMain(packedChannel(webSocketChannel(socket)), {
        runEvent() {},
        dataEvent() {},
        rateEvent() {},
        command: (id) => void heard.push(`${name} ${id}`),
      })
    })
    // Called before the lines are open: they wait.
    for (const window of windows) expect(await window.services.training.runs()).toEqual([])
    for (const { events } of served) events.command('undo')
    await vi.waitFor(() => expect(heard.sort()).toEqual(['first undo', 'second undo']))
    windows[0]?.close()
    for (const { events } of served) events.command('redo')
    await vi.waitFor(() => expect(heard).toContain('second redo'))
    for (const window of windows) window.close()
    onWindow.mockReset()
  })
})

describe('the address', () => {
  it('holds a token of at least 128 bits, new with every start', async () => {
    expect(token).toMatch(/^[0-9a-f]{32,}$/)
    const other = await startWebServer({ port: 0, files: join(folder, 'files'), onWindow })
    expect(tokenOfFragment(new URL(other.address).hash)).not.toBe(token)
    await other.close()
  })

  it('can be opened by this machine once, without the token on a command line', async () => {
    const once = server.createOpenAddress()
    expect(once).not.toContain(token)
    const path = once.slice(server.origin.length)
    const first = await ask(path)
    expect(first.status).toBe(303)
    expect(first.headers.location).toBe(`/#token=${token}`)
    expect(first.headers['cache-control']).toBe('no-store')
    expect((await ask(path)).status).toBe(403)
    expect((await ask('/open?once=0')).status).toBe(403)
    expect((await ask('/open')).status).toBe(403)
  })

  it('says clearly that a port is taken', async () => {
    await expect(startWebServer({ port, files: join(folder, 'files'), onWindow })).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      details: { port },
    })
  })
})

describe('web token', () => {
  it('is read from the fragment and the offered protocols only in its own form', () => {
    const hex = 'ab'.repeat(32)
    expect(tokenOfFragment(`#token=${hex}`)).toBe(hex)
    for (const hash of ['', '#', `#token=${hex}&x=1`, '#token=', '#token=xyz', `token=${hex}`])
      expect(tokenOfFragment(hash)).toBeNull()
    expect(tokenOfProtocols(offeredProtocols(hex))).toBe(hex)
    expect(tokenOfProtocols(offeredProtocols(hex).slice(1))).toBeNull()
    expect(tokenOfProtocols([rpcProtocol, 'interlock-token.'])).toBeNull()
  })
})
