/** The desktop shell's contract with Electron, on FakeElectron (a fake): what it asks Electron to forbid, and whom it answers. */
import { once, type EventEmitter } from 'node:events'
import type { MessagePort } from 'node:worker_threads'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { portChannel } from '#shared/rpc/channel'
import { connectMain, type MainConnection } from '#shared/rpc/connectMain'
import { pack, packedChannel } from '#shared/rpc/packedChannel'
import { fileOfAddress } from '../../src-main/electron/appScheme'
import { HostWindow } from '../../src-main/electron/hostWindow'
import { startDesktop } from '../../src-main/electron/main'
import { menuTemplate } from '../../src-main/electron/menu'
import { FakeBrowserWindow, fakeElectron, fakePortPair } from './fakeElectron'

vi.mock('electron', async () => (await import('./fakeElectron')).fakeElectron)

const { app, ipcMain, session, dialogAnswers, dialogCalls } = fakeElectron
const root = join(import.meta.dirname, '..', '..')
let home: string
let window: FakeBrowserWindow
let host: FakeBrowserWindow
const commands: string[] = []

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'interlock-home-'))
  process.env['INTERLOCK_HOME'] = home
  await startDesktop()
  const windowAt = (address: string) => {
    const found = FakeBrowserWindow.all.find(({ loaded }) => loaded === address)
    if (!found) throw new Error(`no window shows ${address}`)
    return found
  }
  window = windowAt('interlock://app/index.html')
  host = windowAt('interlock://gpu/index.html')
})

afterAll(() => rmSync(home, { recursive: true }))

function emits(
  target: { emit(name: string, ...args: unknown[]): boolean },
  name: string,
  ...args: unknown[]
): boolean {
  const event = { prevented: false, preventDefault: () => void (event.prevented = true) }
  target.emit(name, event, ...args)
  return event.prevented
}

/** The page's side of a port that is handed over as the preload does. */
function connect(): MainConnection {
  const { main, page } = fakePortPair()
  ipcMain.emit('interlock:port', {
    sender: window.webContents,
    senderFrame: window.webContents.mainFrame,
    ports: [main],
  })
  return connectMain(packedChannel(portChannel(page)), {
    runEvent() {},
    dataEvent() {},
    rateEvent() {},
    command: (id) => void commands.push(id),
  })
}

describe('start', () => {
  it('does before the app is ready what must be done before', () => {
    const before = app.calls.slice(0, app.calls.indexOf('whenReady'))
    expect(before).toEqual([
      'requestSingleInstanceLock',
      'enableSandbox',
      'disableDomainBlockingFor3DAPIs',
      'registerSchemesAsPrivileged',
    ])
  })

  it('leaves at once when another instance runs, and the first one comes to the front', async () => {
    app.firstInstance = false
    const windows = FakeBrowserWindow.all.length
    await startDesktop()
    expect(app.quits).toBe(1)
    expect(FakeBrowserWindow.all).toHaveLength(windows)
    app.firstInstance = true
    app.emit('second-instance')
    expect(window.focused).toBe(1)
  })
})

describe('the window', () => {
  it('is isolated, sandboxed and without Node', () => {
    expect(window.options.webPreferences).toMatchObject({
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      preload: join('/fake/app', 'out', 'preload', 'preload.cjs'),
    })
    expect(window.options.webPreferences).not.toHaveProperty('enableRemoteModule')
  })

  it('loads the app from its own scheme and is shown when it is painted', () => {
    expect(window.loaded).toBe('interlock://app/index.html')
    expect(window.shown).toBe(false)
    window.emit('ready-to-show')
    expect(window.shown).toBe(true)
  })

  it.each(['will-navigate', 'will-frame-navigate', 'will-redirect', 'will-attach-webview'])(
    'prevents %s',
    (name) => {
      expect(emits(window.webContents, name)).toBe(true)
    },
  )

  it('opens no other window', () => {
    expect(window.webContents.windowOpenHandler?.({ url: 'https://example.org' })).toEqual({ action: 'deny' })
  })

  it('is loaded again after its process crashed, not after it ended', () => {
    window.webContents.emit('render-process-gone', {}, { reason: 'clean-exit' })
    expect(window.reloads).toBe(0)
    window.webContents.emit('render-process-gone', {}, { reason: 'crashed' })
    expect(window.reloads).toBe(1)
  })
})

describe('the session', () => {
  const fake = session.defaultSession

  it.each([
    'media',
    'geolocation',
    'notifications',
    'clipboard-read',
    'fileSystem',
    'usb',
    'midi',
    'openExternal',
  ])('denies %s, asked or checked', (permission) => {
    const decide = vi.fn()
    fake.permissionRequest?.(window.webContents, permission, decide)
    expect(decide).toHaveBeenCalledExactlyOnceWith(false)
    expect(fake.permissionCheck?.()).toBe(false)
    expect(fake.devicePermission?.()).toBe(false)
  })

  it('denies them in any session that is made later', () => {
    const Session = fake.constructor as new () => typeof fake
    const later = new Session()
    app.emit('session-created', later)
    expect(later.permissionCheck?.()).toBe(false)
  })

  it('refuses downloads', () => {
    expect(emits(fake, 'will-download')).toBe(true)
  })

  it.each([
    ['interlock://app/assets/x.js', false],
    ['blob:interlock://app/1', false],
    ['data:image/png;base64,', false],
    ['https://example.org/', true],
    ['http://127.0.0.1:80/', true],
    ['file:///etc/passwd', true],
    ['interlock://other/', true],
    ['ws://127.0.0.1:1/', true],
  ])('asked for %s, cancels: %s', (url, cancel) => {
    const decide = vi.fn()
    fake.beforeRequest?.({ url }, decide)
    expect(decide).toHaveBeenCalledWith({ cancel })
  })

  it('serves the built page with a strict policy on a secure scheme', async () => {
    expect(fakeElectron.privileged).toEqual([
      { scheme: 'interlock', privileges: { standard: true, secure: true, supportFetchAPI: true } },
    ])
    const serve = fake.handlers.get('interlock')
    const page = await serve?.({ url: 'interlock://app/index.html', method: 'GET' })
    expect(page?.status).toBe(200)
    expect(await page?.text()).toBe(readFileSync(join(root, 'out', 'renderer', 'index.html'), 'utf8'))
    expect(page?.headers.get('content-type')).toBe('text/html; charset=utf-8')
    const policy = page?.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self';")
    expect(policy).not.toMatch(/unsafe|\*|https?:|ws:/)
    expect(page?.headers.get('x-content-type-options')).toBe('nosniff')
    expect((await serve?.({ url: 'interlock://app/missing.js', method: 'GET' }))?.status).toBe(404)
    expect((await serve?.({ url: 'interlock://app/index.html', method: 'POST' }))?.status).toBe(404)
  })

  it.each([
    'interlock://app/../secret',
    'interlock://app/%2e%2e/secret',
    'interlock://app/..%2fsecret',
    'interlock://app/%2e%2e%2f%2e%2e%2fetc/passwd',
    'interlock://app/..%5csecret',
    'interlock://app/%00',
    'interlock://app/%',
    'interlock://evil/index.html',
    'https://app/index.html',
  ])('finds nothing outside its folder for %s', (address) => {
    const file = fileOfAddress(address, 'interlock://app', join(root, 'out', 'renderer'))
    // The URL itself resolves `..`; what is left must stay inside, everything else is refused.
    expect(file === null || file === join(root, 'out', 'renderer', 'secret')).toBe(true)
  })
})

describe('the RPC port', () => {
  it('is taken from the main frame of the window on its own origin', async () => {
    const { services } = connect()
    expect(await services.app.info()).toMatchObject({ shell: 'electron', version: '0.0.0-fake' })
    expect(await services.dialog.native()).toBe(true)
  })

  it.each([
    ['another page', () => ({ sender: {}, senderFrame: window.webContents.mainFrame })],
    [
      'a frame within the window',
      () => ({ sender: window.webContents, senderFrame: { url: 'interlock://app/index.html' } }),
    ],
    ['a frame that is gone', () => ({ sender: window.webContents, senderFrame: null })],
  ])('is refused from %s', (_name, from) => {
    const { main } = fakePortPair()
    ipcMain.emit('interlock:port', { ...from(), ports: [main] })
    expect(main.closed).toBe(true)
  })

  it('is refused from a foreign origin and when there are two', () => {
    const frame = window.webContents.mainFrame
    const [first, second, foreign] = [fakePortPair().main, fakePortPair().main, fakePortPair().main]
    ipcMain.emit('interlock:port', { sender: window.webContents, senderFrame: frame, ports: [first, second] })
    expect([first.closed, second.closed]).toEqual([true, true])
    frame.url = 'https://example.org/'
    ipcMain.emit('interlock:port', { sender: window.webContents, senderFrame: frame, ports: [foreign] })
    frame.url = 'interlock://app/index.html'
    expect(foreign.closed).toBe(true)
  })

  it('takes the place of the one before when the page is loaded again', async () => {
    const first = connect()
    await first.services.app.info()
    const closed = new Promise<void>((resolve) => first.onClose(resolve))
    const second = connect()
    await closed
    await expect(first.services.app.info()).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    expect((await second.services.app.info()).shell).toBe('electron')
  })
})

describe('the hidden window that lends its graphics device', () => {
  it('is as locked up as the other, is never shown or throttled, and has a session of its own', () => {
    expect(host.options).toMatchObject({ show: false, skipTaskbar: true })
    const { session: own, backgroundThrottling, ...preferences } = host.options.webPreferences
    expect(preferences).toEqual(window.options.webPreferences)
    expect(backgroundThrottling).toBe(false)
    expect(own).toBe(fakeElectron.partitions.get('gpu'))
    expect(fakeElectron.partitions.get('gpu')?.permissionCheck?.()).toBe(false)
    expect(host.webContents.windowOpenHandler?.({ url: 'https://example.org' })).toEqual({ action: 'deny' })
  })

  it('reaches its own bundle and nothing else', async () => {
    const own = fakeElectron.partitions.get('gpu')
    const page = await own?.handlers.get('interlock')?.({ url: 'interlock://gpu/index.html', method: 'GET' })
    expect(await page?.text()).toContain('Interlock graphics')
    for (const [url, cancel] of [
      ['interlock://gpu/index.html', false],
      ['interlock://app/index.html', true],
      ['https://example.org/', true],
    ] as const) {
      const decide = vi.fn()
      own?.beforeRequest?.({ url }, decide)
      expect(decide).toHaveBeenCalledWith({ cancel })
    }
  })

  /** The page's end of a line, handed over as the preload does. */
  function arrive() {
    const { main, page } = fakePortPair()
    ipcMain.emit('interlock:port', {
      sender: host.webContents,
      senderFrame: host.webContents.mainFrame,
      ports: [main],
    })
    return page
  }
  const next = (port: MessagePort) =>
    once(port as unknown as EventEmitter, 'message').then(([message]) => message as unknown)

  it('is joined to the engine, message by message, whichever comes first', async () => {
    const lender = new HostWindow()
    lender.open()
    const engine = lender.openPort()
    const { main, page } = fakePortPair()
    engine.postMessage(new Float32Array([1, 2]))
    lender.takePage(main as never)
    expect(await next(page)).toEqual(new Float32Array([1, 2]))
    page.postMessage('loss')
    expect(await next(engine)).toBe('loss')
    lender.close()
  })

  it('that crashes ends the line, is opened again, and lends anew', async () => {
    const lender = new HostWindow()
    lender.open()
    const renewed = vi.fn()
    lender.onRenewed(renewed)
    const engine = lender.openPort()
    lender.takePage(fakePortPair().main as never)
    const ended = once(engine, 'close')
    engine.on('message', () => {})
    const shown = lender.window as unknown as FakeBrowserWindow
    shown.webContents.emit('render-process-gone', {}, { reason: 'crashed' })
    await ended
    expect(shown.reloads).toBe(1)
    expect(renewed).not.toHaveBeenCalled()
    lender.takePage(fakePortPair().main as never)
    expect(renewed).toHaveBeenCalledOnce()
    for (let crash = 0; crash < 20; crash++)
      shown.webContents.emit('render-process-gone', {}, { reason: 'crashed' })
    expect(shown.reloads).toBe(5)
    lender.close()
  })

  it('is taken for what it is: its port does not reach the services', async () => {
    const page = arrive()
    const answer = next(page)
    page.postMessage(pack({ t: 'q', i: '1', m: 'app.info', a: [] }))
    const silence = new Promise((resolve) => setTimeout(() => resolve('silence'), 100))
    expect(await Promise.race([answer, silence])).toBe('silence')
  })
})

describe('native dialogs', () => {
  it('pick a folder, a project and a place to save', async () => {
    const { services } = connect()
    dialogAnswers.open = ['/data/images']
    expect(await services.dialog.pickFolder('Images')).toBe('/data/images')
    expect(dialogCalls.at(-1)).toMatchObject({
      kind: 'open',
      options: { title: 'Images', properties: ['openDirectory'] },
    })
    dialogAnswers.open = []
    expect(await services.dialog.pickProjectToOpen()).toBeNull()
    dialogAnswers.save = '/home/a/LeNet.interlock.json'
    expect(await services.dialog.pickProjectToSave('../../Le:Net')).toBe('/home/a/LeNet.interlock.json')
    expect(dialogCalls.at(-1)?.options['defaultPath']).toBe('.. .. Le Net.interlock.json')
    dialogAnswers.save = '/home/a/net.html'
    expect(await services.dialog.pickReportToSave('Net/1')).toBe('/home/a/net.html')
    expect(dialogCalls.at(-1)?.options['defaultPath']).toBe('Net 1.html')
    dialogAnswers.save = ''
    expect(await services.dialog.pickProjectToSave('x')).toBeNull()
  })

  it('check what the page sends', async () => {
    const { services } = connect()
    await expect(services.dialog.pickFolder({} as never)).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' })
    await expect(services.dialog.pickProjectToSave('x'.repeat(300))).rejects.toMatchObject({
      code: 'ARGUMENT_INVALID',
    })
  })
})

describe('the menu', () => {
  interface Item {
    id?: string
    label?: string
    role?: string
    click?: () => void
    submenu?: Item[]
    accelerator?: string
    registerAccelerator?: boolean
  }
  const flat = (items: Item[]): Item[] => items.flatMap((item) => [item, ...flat(item.submenu ?? [])])
  const withCommand = (platform: NodeJS.Platform, send: (id: string) => void) =>
    flat(menuTemplate(platform, send) as Item[]).filter((item) => item.click)

  it('names only commands that the window has', () => {
    const source = ['project', 'edit', 'view', 'training']
      .map((area) => readFileSync(join(root, 'src-renderer', 'commands', `${area}Commands.ts`), 'utf8'))
      .join('\n')
    // `id: 'edit.undo'`, and the panels as `panel('dock', …)`.
    const ids = [...source.matchAll(/\bid: '([a-z]+\.[A-Za-z]+)'/g)].map((match) => match[1])
    const panels = [...source.matchAll(/\bpanel\('(\w+)'/g)].map((match) => `view.${match[1]}`)
    for (const item of withCommand('linux', () => {})) expect([...ids, ...panels]).toContain(item.id)
  })

  it('sends the command to the window', async () => {
    connect()
    const item = flat(fakeElectron.menu as Item[]).find(({ id }) => id === 'edit.undo')
    item?.click?.()
    await vi.waitFor(() => expect(commands).toContain('edit.undo'))
  })

  it('leaves the keys to the window, and has no marks for keys on a Mac', () => {
    for (const item of withCommand('linux', () => {}))
      if (item.accelerator) expect(item.registerAccelerator).toBe(false)
    expect(withCommand('darwin', () => {}).some((item) => item.label?.includes('&'))).toBe(false)
    expect(flat(menuTemplate('darwin', () => {}) as Item[]).some(({ role }) => role === 'appMenu')).toBe(true)
    expect(flat(menuTemplate('win32', () => {}) as Item[]).some(({ role }) => role === 'quit')).toBe(true)
  })

  it('offers no developer tools or reload', () => {
    const roles = flat(menuTemplate('linux', () => {}) as Item[]).map(({ role }) => role)
    for (const role of ['toggleDevTools', 'reload', 'forceReload', 'viewMenu'])
      expect(roles).not.toContain(role)
  })
})

describe('the end', () => {
  it('closes the window without a question when nothing runs', () => {
    const asked = dialogCalls.length
    expect(emits(window, 'close')).toBe(false)
    expect(dialogCalls).toHaveLength(asked)
  })

  it('waits for the engine before it quits, once', async () => {
    const quits = app.quits
    expect(emits(app, 'will-quit')).toBe(true)
    await vi.waitFor(() => expect(app.quits).toBe(quits + 1))
    expect(emits(app, 'will-quit')).toBe(false)
  })
})
