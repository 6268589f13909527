/**
 * FakeElectron: a fake of the few Electron APIs that the desktop shell uses. It records what the shell asks for and lets a
 * test raise events; it shows no window and runs no page. What real Electron does with it is checked by
 * test/app/electron.test.ts where the runtime is present.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { fileURLToPath } from 'node:url'
import { MessageChannel, type MessagePort } from 'node:worker_threads'

type Listener = (...args: never[]) => unknown
type Handler = (request: { url: string; method: string }) => Promise<Response>

export class FakeWebContents extends EventEmitter {
  windowOpenHandler: ((details: { url: string }) => { action: string }) | null = null
  readonly mainFrame = { url: 'interlock://app/index.html' }
  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }) {
    this.windowOpenHandler = handler
  }
}

export class FakeBrowserWindow extends EventEmitter {
  static all: FakeBrowserWindow[] = []
  readonly webContents = new FakeWebContents()
  loaded: string | null = null
  shown = false
  reloads = 0
  focused = 0
  constructor(readonly options: { webPreferences: Record<string, unknown>; [key: string]: unknown }) {
    super()
    FakeBrowserWindow.all.push(this)
    fakeElectron.app.emit('web-contents-created', {}, this.webContents)
  }
  async loadURL(url: string) {
    this.loaded = url
    this.webContents.mainFrame.url = url
  }
  show() {
    this.shown = true
  }
  reload() {
    this.reloads++
  }
  destroy() {
    this.emit('closed')
  }
  focus() {
    this.focused++
  }
  restore() {}
  isMinimized() {
    return false
  }
  isDestroyed() {
    return false
  }
}

export class FakeSession extends EventEmitter {
  permissionRequest:
    ((contents: unknown, permission: string, decide: (allowed: boolean) => void) => void) | null = null
  permissionCheck: (() => boolean) | null = null
  devicePermission: (() => boolean) | null = null
  beforeRequest: ((details: { url: string }, decide: (answer: { cancel?: boolean }) => void) => void) | null =
    null
  readonly handlers = new Map<string, Handler>()
  readonly protocol = {
    handle: (scheme: string, handler: Handler) => void this.handlers.set(scheme, handler),
  }
  readonly webRequest = {
    onBeforeRequest: (listener: NonNullable<FakeSession['beforeRequest']>) =>
      void (this.beforeRequest = listener),
  }
  setPermissionRequestHandler(handler: NonNullable<FakeSession['permissionRequest']>) {
    this.permissionRequest = handler
  }
  setPermissionCheckHandler(handler: () => boolean) {
    this.permissionCheck = handler
  }
  setDevicePermissionHandler(handler: () => boolean) {
    this.devicePermission = handler
  }
}

class FakeApp extends EventEmitter {
  /** Names of the calls in order. */
  readonly calls: string[] = []
  readonly switches: string[] = []
  readonly commandLine = { appendSwitch: (name: string) => void this.switches.push(name) }
  firstInstance = true
  quits = 0
  requestSingleInstanceLock() {
    this.calls.push('requestSingleInstanceLock')
    return this.firstInstance
  }
  enableSandbox() {
    this.calls.push('enableSandbox')
  }
  disableDomainBlockingFor3DAPIs() {
    this.calls.push('disableDomainBlockingFor3DAPIs')
  }
  async whenReady() {
    this.calls.push('whenReady')
  }
  getVersion() {
    return '0.0.0-fake'
  }
  getAppPath() {
    return '/fake/app'
  }
  quit() {
    this.quits++
  }
}

/** A MessagePortMain over a real port of Node: `{ data }` events, as Electron's has. */
class FakeMessagePortMain {
  constructor(private readonly port: MessagePort) {}
  closed = false
  postMessage(message: unknown) {
    this.port.postMessage(message)
  }
  on(event: string, listener: Listener) {
    this.port.on(
      event as 'message',
      ((data: unknown) => (listener as (event: unknown) => void)({ data })) as never,
    )
    return this
  }
  start() {
    this.port.start()
  }
  close() {
    this.closed = true
    this.port.close()
  }
}

/** A utility process over a real child process of Node, which finds Electron's `parentPort` in itself. */
class FakeUtilityProcess extends EventEmitter {
  private readonly child: ChildProcess
  constructor(
    readonly file: string,
    readonly options: Record<string, unknown>,
  ) {
    super()
    this.child = fork(fileURLToPath(new URL('fakeUtilityChild.mjs', import.meta.url)), [file], {
      serialization: 'advanced',
      execArgv: [],
    })
    this.child.on('message', (message) => this.emit('message', message))
    this.child.on('exit', (code) => this.emit('exit', code ?? 1))
  }
  postMessage(message: unknown) {
    this.child.send(message as object)
  }
  kill() {
    return this.child.kill()
  }
}

/** A port for main, and the page's end of it. */
export function fakePortPair() {
  const { port1, port2 } = new MessageChannel()
  return { main: new FakeMessagePortMain(port1), page: port2 }
}

export const fakeElectron = {
  app: new FakeApp(),
  BrowserWindow: FakeBrowserWindow,
  ipcMain: new EventEmitter(),
  nativeTheme: { shouldUseDarkColors: false },
  privileged: [] as unknown[],
  protocol: {
    registerSchemesAsPrivileged: (schemes: unknown[]) => {
      fakeElectron.app.calls.push('registerSchemesAsPrivileged')
      fakeElectron.privileged.push(...schemes)
    },
  },
  partitions: new Map<string, FakeSession>(),
  session: {
    defaultSession: new FakeSession(),
    fromPartition(name: string) {
      const made = new FakeSession()
      fakeElectron.partitions.set(name, made)
      fakeElectron.app.emit('session-created', made)
      return made
    },
  },
  utilityProcesses: [] as FakeUtilityProcess[],
  utilityProcess: {
    fork(file: string, _arguments: string[], options: Record<string, unknown>) {
      const started = new FakeUtilityProcess(file, options)
      fakeElectron.utilityProcesses.push(started)
      return started
    },
  },
  menu: null as null | unknown[],
  Menu: {
    buildFromTemplate: (template: unknown[]) => template,
    setApplicationMenu: (menu: unknown[]) => void (fakeElectron.menu = menu),
  },
  dialogAnswers: { open: [] as string[], save: '', box: 0 },
  dialogCalls: [] as { kind: string; options: Record<string, unknown> }[],
  dialog: {
    showOpenDialog: async (_window: unknown, options: Record<string, unknown>) => {
      fakeElectron.dialogCalls.push({ kind: 'open', options })
      return {
        canceled: fakeElectron.dialogAnswers.open.length === 0,
        filePaths: fakeElectron.dialogAnswers.open,
      }
    },
    showSaveDialog: async (_window: unknown, options: Record<string, unknown>) => {
      fakeElectron.dialogCalls.push({ kind: 'save', options })
      return { canceled: fakeElectron.dialogAnswers.save === '', filePath: fakeElectron.dialogAnswers.save }
    },
    showMessageBoxSync: (_window: unknown, options: Record<string, unknown>) => {
      fakeElectron.dialogCalls.push({ kind: 'box', options })
      return fakeElectron.dialogAnswers.box
    },
  },
}
