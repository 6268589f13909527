/**
 * A two-way line for messages, whatever carries it. Everything that talks across a thread, process or network boundary
 * takes a `Channel`, so that it is written once and tested with any port.
 */
export interface Channel {
  post(message: unknown): void
  /** Sets the one receiver. Messages that arrive before are kept by ports, but not by WebSockets: set it at once. */
  onMessage(handler: (message: unknown) => void): void
  /** Called once when the other side is gone. */
  onClose(handler: () => void): void
  close(): void
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- every platform types its message event differently
type PortListener = (event: any) => void

/** A port with DOM events: the browser's MessagePort and Worker, Node's MessagePort (`parentPort` included). */
export interface EventPort {
  postMessage(message: unknown): void
  addEventListener(type: 'message' | 'close', listener: PortListener): void
  start?(): void
  close?(): void
}

export function portChannel(port: EventPort): Channel {
  return {
    post: (message) => port.postMessage(message),
    onMessage(handler) {
      port.addEventListener('message', (event: { data: unknown }) => handler(event.data))
      port.start?.()
    },
    onClose: (handler) => port.addEventListener('close', () => handler()),
    close: () => port.close?.(),
  }
}

/** Electron's MessagePortMain: Node events that carry a `{ data }`. */
export interface ElectronPort {
  postMessage(message: unknown): void
  on(event: 'message', listener: (event: { data: unknown }) => void): unknown
  on(event: 'close', listener: () => void): unknown
  start(): void
  close(): void
}

export function electronPortChannel(port: ElectronPort): Channel {
  return {
    post: (message) => port.postMessage(message),
    onMessage(handler) {
      port.on('message', (event) => handler(event.data))
      port.start()
    },
    onClose: (handler) => void port.on('close', handler),
    close: () => port.close(),
  }
}

/** Node's `Worker`, seen from the thread that started it: Node events that carry the bare message. */
export interface NodeWorker {
  postMessage(message: unknown): void
  on(event: 'message', listener: (message: unknown) => void): unknown
  on(event: 'exit', listener: (code: number) => void): unknown
  terminate(): Promise<number>
}

export function workerChannel(worker: NodeWorker): Channel {
  return {
    post: (message) => worker.postMessage(message),
    onMessage: (handler) => void worker.on('message', handler),
    onClose: (handler) => void worker.on('exit', () => handler()),
    close: () => void worker.terminate(),
  }
}

/** The browser's WebSocket and that of `ws`. */
export interface WebSocketLike {
  binaryType: 'arraybuffer' | 'blob' | 'nodebuffer' | 'fragments'
  readonly readyState: number
  send(data: Uint8Array<ArrayBuffer>): void
  addEventListener(type: 'open' | 'message' | 'close', listener: PortListener): void
  close(): void
}

const socketConnecting = 0
const socketOpen = 1

/**
 * Carries bytes (`Uint8Array`) only; wrap it in `packedChannel`. What is posted while the socket still connects waits
 * until it is open; what is posted to a closed one is dropped, as ports do.
 */
export function webSocketChannel(socket: WebSocketLike): Channel {
  socket.binaryType = 'arraybuffer'
  const waiting: Uint8Array<ArrayBuffer>[] = []
  socket.addEventListener('open', () => {
    for (const bytes of waiting.splice(0)) socket.send(bytes)
  })
  return {
    post(message) {
      if (!(message instanceof Uint8Array)) throw new TypeError('A WebSocket channel carries bytes only.')
      const bytes = message as Uint8Array<ArrayBuffer>
      if (socket.readyState === socketConnecting) waiting.push(bytes)
      else if (socket.readyState === socketOpen) socket.send(bytes)
    },
    onMessage(handler) {
      socket.addEventListener('message', ({ data }: { data: unknown }) =>
        handler(data instanceof ArrayBuffer ? new Uint8Array(data) : data),
      )
    },
    onClose: (handler) => socket.addEventListener('close', () => handler()),
    close: () => socket.close(),
  }
}
