/**
 * The host window in a real Chromium, as Electron would open it: the built page behind a local server, and a channel to its
 * port. Messages cross between this process and the page as text, which stands in for Electron's port and main's relay.
 */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { chromium } from 'playwright-core'
import type { Channel } from '#shared/rpc/channel'
import { builtFolder } from '../../src-main/webShell/builtFolder'

export interface HostWindow {
  channel: Channel
  /** What the page wrote to its console as an error. */
  problems: string[]
  /** Kills the browser's graphics process, as a driver's crash would. */
  crashGraphics(): Promise<void>
  /** Ends the page, as its crash would. */
  closePage(): Promise<void>
  close(): Promise<void>
}

const switches = [
  '--no-sandbox',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-features=Vulkan',
  '--disable-background-networking',
  // What Electron's app.disableDomainBlockingFor3DAPIs() does: WebGPU again after a crash of the graphics process.
  '--disable-domain-blocking-for-3d-apis',
  // SwiftShader takes a second per shader to clear workgroup memory, which the kernels write before they read it.
  '--enable-dawn-features=disable_workgroup_init',
]

/** Runs both here and in the page, so it may refer to nothing outside itself. */
function createCodec(): { encode(message: unknown): string; decode(text: string): unknown } {
  const types = { Uint8Array, Uint16Array, Int32Array, Uint32Array, Float32Array }
  type Name = keyof typeof types
  const toText = (bytes: Uint8Array): string => {
    let text = ''
    for (let i = 0; i < bytes.length; i += 4096) text += String.fromCharCode(...bytes.subarray(i, i + 4096))
    return btoa(text)
  }
  return {
    encode: (message) =>
      JSON.stringify(message, (_key, value: unknown) => {
        if (typeof value === 'number' && !Number.isFinite(value)) return { special: String(value) }
        if (!ArrayBuffer.isView(value)) return value
        const name = (Object.keys(types) as Name[]).find((candidate) => value instanceof types[candidate])
        const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
        return { array: name, text: toText(bytes) }
      }),
    decode: (text) =>
      JSON.parse(text, (_key, value: unknown) => {
        if (typeof value !== 'object' || value === null) return value
        if ('special' in value) return Number(value.special)
        if (!('array' in value && 'text' in value)) return value
        const bytes = Uint8Array.from(atob(String(value.text)), (character) => character.charCodeAt(0))
        return new types[value.array as Name](bytes.buffer)
      }),
  }
}

async function serveFolder(folder: string): Promise<{ address: string; close(): Promise<void> }> {
  const contentTypes: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript' }
  const server = createServer((request, response) => {
    const path = request.url === '/' ? '/index.html' : (request.url ?? '')
    readFile(join(folder, path)).then(
      (bytes) => response.setHeader('Content-Type', contentTypes[extname(path)] ?? '').end(bytes),
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    address: `http://127.0.0.1:${port}/`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

/** Throws when the page is not built or the browser cannot be started. */
export async function openHostWindow(executablePath: string): Promise<HostWindow> {
  const server = await serveFolder(builtFolder('hostWindow'))
  const browser = await chromium.launch({ executablePath, args: switches })
  const page = await browser.newPage()
  const problems: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text())
  })
  page.on('pageerror', (error) => problems.push(error.message))
  await page.goto(server.address)

  const codec = createCodec()
  let receive: (message: unknown) => void = () => {}
  await page.exposeFunction('toTest', (text: string) => receive(codec.decode(text)))
  // The part of the preload: one port for the page, the other end for us.
  await page.evaluate(`
    const codec = (${createCodec.toString()})()
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = ({ data }) => window.toTest(codec.encode(data))
    window.fromTest = (text) => port1.postMessage(codec.decode(text))
    window.postMessage({ interlockPort: true }, window.location.origin, [port2])
  `)

  // One after the other: messages must arrive in order.
  let posted: Promise<unknown> = Promise.resolve()
  let closed: () => void = () => {}
  page.on('close', () => closed())
  const channel: Channel = {
    post(message) {
      const text = codec.encode(message)
      posted = posted.then(() =>
        page.evaluate((line) => (window as unknown as { fromTest(text: string): void }).fromTest(line), text),
      )
      posted.catch(() => closed())
    },
    onMessage: (handler) => void (receive = handler),
    onClose: (handler) => void (closed = handler),
    close: () => void page.close(),
  }
  return {
    channel,
    problems,
    async crashGraphics() {
      const session = await browser.newBrowserCDPSession()
      await session.send('Browser.crashGpuProcess')
    },
    closePage: () => page.close(),
    async close() {
      await browser.close()
      await server.close()
    },
  }
}
