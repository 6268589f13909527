import { once } from 'node:events'
import { Worker, MessageChannel } from 'node:worker_threads'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { InterlockError } from '#shared/issues/errors'
import { portChannel, webSocketChannel, workerChannel, type Channel } from '#shared/rpc/channel'
import { connectMain } from '#shared/rpc/connectMain'
import { pack, packedChannel, unpack } from '#shared/rpc/packedChannel'
import { serveWindow } from '#shared/rpc/serveWindow'
import { findMethod, serviceMethods } from '#shared/rpc/serviceMethods'
import type { MainServices, WindowEvents } from '#shared/rpc/services'
import { newProject } from '#shared/project/newProject'
import type { DataSettings } from '#shared/project/schema'
import type { RunEvent } from '#shared/training/runState'

const open: { close(): void }[] = []
afterEach(() => {
  for (const item of open.splice(0).reverse()) item.close()
})

function portPair(): [Channel, Channel] {
  const { port1, port2 } = new MessageChannel()
  open.push({ close: () => port1.close() })
  return [packedChannel(portChannel(port1)), packedChannel(portChannel(port2))]
}

async function socketPair(): Promise<[Channel, Channel]> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  open.push(server)
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no address')
  const connected = once(server, 'connection') as Promise<[WebSocket]>
  const client = new WebSocket(`ws://127.0.0.1:${address.port}`)
  const window = packedChannel(webSocketChannel(client))
  const [socket] = await connected
  const main = packedChannel(webSocketChannel(socket))
  if (client.readyState !== WebSocket.OPEN) await once(client, 'open')
  open.push({ close: () => client.close() })
  return [window, main]
}

/** Only what a test calls; every other method of the real interface rejects as a defect would. */
function someServices(given: { [S in keyof MainServices]?: Partial<MainServices[S]> }): MainServices {
  return Object.fromEntries(
    Object.keys(serviceMethods).map((name) => [name, given[name as keyof MainServices] ?? {}]),
  ) as never
}

const noEvents: WindowEvents = { runEvent() {}, dataEvent() {}, rateEvent() {}, command() {} }

describe('packing', () => {
  it('keeps typed arrays, at any offset, and leaves undefined keys out', () => {
    const big = new Float32Array([1, 2, 3, NaN, -Infinity]).subarray(1)
    const message = {
      floats: big,
      counts: new Uint32Array([0, 0xffffffff]),
      labels: new Int32Array([-1, 7]),
      doubles: new Float64Array([Math.PI]),
      shorts: new Uint16Array([65535]),
      bytes: new Uint8Array([1, 2, 255]),
      empty: new Float32Array(0),
      text: 'ä×',
      nothing: null,
      missing: undefined,
    }
    const back = unpack(pack(message)) as Record<string, unknown>
    const { missing: _missing, ...rest } = message
    expect(back).toEqual(rest)
    expect(back).not.toHaveProperty('missing')
    expect(back['floats']).toBeInstanceOf(Float32Array)
    expect(back['counts']).toBeInstanceOf(Uint32Array)
    expect((back['floats'] as Float32Array).buffer.byteLength).toBe(16)
  })

  it('refuses a key that would reach a prototype', () => {
    const evil = pack({ a: 1 })
    const bytes = new Uint8Array([0x81, 0xa9, ...new TextEncoder().encode('__proto__'), ...evil])
    expect(() => unpack(bytes)).toThrow(/__proto__/)
  })
})

describe.each([
  ['a message port', () => Promise.resolve(portPair())],
  ['a WebSocket', socketPair],
])('RPC over %s', (_name, pair) => {
  it('calls a method with its arguments and returns its result', async () => {
    const [windowSide, mainSide] = await pair()
    const inspect = vi.fn(async ({ source }: DataSettings) => ({
      source: String(source),
      root: '.',
      roots: [],
      split: {
        by: 'seed' as const,
        classes: [{ training: 2, validation: 1, test: 0 }],
        folders: [],
        notes: [],
        blocks: null,
        listed: null,
        lists: [],
      },
      classes: [{ name: '0', count: 3 }],
      images: 3,
      bands: 1,
      colour: false,
      kind: 'picture' as const,
      bandNames: ['grey'],
      numbers: 'uint8' as const,
      noData: null,
      geo: null,
      size: [28, 28] as const,
      sizes: { read: 3, others: 0, found: [{ width: 28, height: 28, count: 3 }] },
      bandFiles: false,
      bandDoubt: null,
      skipped: [],
      skippedMore: 0,
      excluded: 0,
    }))
    serveWindow(mainSide, someServices({ data: { inspect } }), () => {})
    const { services } = connectMain(windowSide, noEvents)
    const data = { ...newProject().data, source: 'sample:digits' }
    const summary = await services.data.inspect(data, null, true)
    expect(inspect).toHaveBeenCalledWith(data, null, true)
    expect(summary).toMatchObject({ source: 'sample:digits', images: 3, size: [28, 28] })
  })

  it('keeps `this` of a service made as a class', async () => {
    const [windowSide, mainSide] = await pair()
    class Training {
      #runs = ['run-7']
      async stop(runId: string) {
        if (!this.#runs.includes(runId)) throw new InterlockError('RUN_NOT_FOUND', { run: runId })
      }
    }
    serveWindow(mainSide, someServices({ training: new Training() }), () => {})
    const { services } = connectMain(windowSide, noEvents)
    await expect(services.training.stop('run-7')).resolves.toBeUndefined()
  })

  it('throws an InterlockError again with its code, text and details', async () => {
    const [windowSide, mainSide] = await pair()
    const onDefect = vi.fn()
    const run = async (runId: string) => {
      throw new InterlockError('RUN_NOT_FOUND', { run: runId })
    }
    serveWindow(mainSide, someServices({ training: { run } }), onDefect)
    const { services } = connectMain(windowSide, noEvents)
    const error = await services.training.run('r1').then(
      () => null,
      (thrown: unknown) => thrown,
    )
    expect(error).toBeInstanceOf(InterlockError)
    expect(error).toMatchObject({ code: 'RUN_NOT_FOUND', details: { run: 'r1' } })
    expect((error as Error).message).toBe('There is no run r1. It may have been deleted.')
    expect(onDefect).not.toHaveBeenCalled()
  })

  it('turns any other error into INTERNAL and reports the defect', async () => {
    const [windowSide, mainSide] = await pair()
    const onDefect = vi.fn()
    const defect = new RangeError('index 4 of 3')
    serveWindow(mainSide, someServices({ project: { recent: () => Promise.reject(defect) } }), onDefect)
    const { services } = connectMain(windowSide, noEvents)
    await expect(services.project.recent()).rejects.toMatchObject({
      code: 'INTERNAL',
      details: { problem: 'index 4 of 3' },
    })
    expect(onDefect).toHaveBeenCalledWith(defect)
  })

  it('answers a result that cannot be sent with an error, not with silence', async () => {
    const [windowSide, mainSide] = await pair()
    const onDefect = vi.fn()
    serveWindow(mainSide, someServices({ project: { recent: async () => [() => 1] as never } }), onDefect)
    const { services } = connectMain(windowSide, noEvents)
    await expect(services.project.recent()).rejects.toMatchObject({ code: 'INTERNAL' })
    expect(onDefect).toHaveBeenCalled()
  })

  it('sends events in order, curves included', async () => {
    const [windowSide, mainSide] = await pair()
    const seen: RunEvent[] = []
    const done = new Promise<string>((resolve) => {
      connectMain(windowSide, { ...noEvents, runEvent: (event) => void seen.push(event), command: resolve })
    })
    const { events } = serveWindow(mainSide, someServices({}), () => {})
    for (let step = 1; step <= 20; step++) {
      events.runEvent({
        type: 'progress',
        runId: 'r',
        epoch: 1,
        done: step * 32,
        total: 640,
        imagesPerSecond: 1000,
        learningRate: 0.1,
        curve: {
          steps: new Uint32Array([step]),
          losses: new Float32Array([1 / step]),
          accuracies: new Float32Array([0.5]),
        },
      })
    }
    events.command('undo')
    expect(await done).toBe('undo')
    expect(seen).toHaveLength(20)
    expect(seen.map((event) => event.type === 'progress' && event.curve.steps[0])).toEqual(
      [...Array(20).keys()].map((i) => i + 1),
    )
    const last = seen[19]
    expect(last?.type === 'progress' && last.curve.losses).toEqual(new Float32Array([1 / 20]))
  })

  it('rejects calls under way and later ones when the other side goes', async () => {
    const [windowSide, mainSide] = await pair()
    const served = serveWindow(
      mainSide,
      someServices({ dialog: { pickFolder: () => new Promise(() => {}) } }),
      () => {},
    )
    const connection = connectMain(windowSide, noEvents)
    const closed = new Promise<void>((resolve) => connection.onClose(resolve))
    const waiting = connection.services.dialog.pickFolder('Images')
    const rejected = expect(waiting).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    await new Promise((resolve) => setTimeout(resolve, 20))
    served.close()
    await rejected
    await closed
    await expect(connection.services.training.runs()).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
  })
})

describe('what the main side refuses', () => {
  async function ask(message: unknown): Promise<unknown> {
    const [windowSide, mainSide] = portPair()
    const secret = vi.fn(async () => 'secret')
    const services = Object.assign(someServices({ training: { runs: async () => [] } }), {
      hidden: { secret },
    })
    serveWindow(mainSide, services, () => {})
    const answer = new Promise<unknown>((resolve) => windowSide.onMessage(resolve))
    windowSide.post(message)
    const marker = new Promise<unknown>((resolve) => setTimeout(() => resolve('no answer'), 60))
    const result = await Promise.race([answer, marker])
    expect(secret).not.toHaveBeenCalled()
    return result
  }

  it.each([
    'training.constructor',
    'training.__proto__',
    'training.toString',
    '__proto__.toString',
    'constructor.constructor',
    'hidden.secret',
    'training',
    'training.runs.call',
    '',
    'then',
  ])('does not call "%s"', async (name) => {
    expect(findMethod(name)).toBeNull()
    expect(await ask({ t: 'q', i: '1', m: name, a: [] })).toMatchObject({
      t: 's',
      i: '1',
      e: { interlockError: { code: 'ARGUMENT_INVALID' } },
    })
  })

  it('answers a known method (so that the cases around it mean something)', async () => {
    expect(await ask({ t: 'q', i: '1', m: 'training.runs', a: [] })).toEqual({ t: 's', i: '1', r: [] })
  })

  it.each([
    ['null', null],
    ['text', 'training.runs'],
    ['an array', ['q', 'training.runs']],
    ['a request without arguments', { t: 'q', i: '1', m: 'training.runs' }],
    ['arguments that are no list', { t: 'q', i: '1', m: 'training.runs', a: { length: 0 } }],
    ['a name that is no text', { t: 'q', i: '1', m: { toString: 'x' }, a: [] }],
    ['an id of a megabyte', { t: 'q', i: 'x'.repeat(1 << 20), m: 'training.runs', a: [] }],
    ['a hundred arguments', { t: 'q', i: '1', m: 'training.runs', a: Array(100).fill(0) }],
    ['an answer to nothing', { t: 's', i: '1', r: 1 }],
  ])('ignores %s', async (_name, message) => {
    expect(await ask(message)).toBe('no answer')
  })

  it('drops damaged packets and goes on', async () => {
    const { port1, port2 } = new MessageChannel()
    open.push({ close: () => port1.close() })
    const damaged = vi.fn()
    const received: unknown[] = []
    packedChannel(portChannel(port2), damaged).onMessage((message) => received.push(message))
    port1.postMessage(new Uint8Array([0xc1]))
    port1.postMessage('not bytes')
    port1.postMessage(pack({ fine: true }))
    await vi.waitFor(() => expect(received).toEqual([{ fine: true }]))
    expect(damaged).toHaveBeenCalledTimes(2)
  })
})

it('a worker thread is a channel from both ends', async () => {
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads')
     parentPort.addEventListener('message', (event) => { if (event.data === 'end') process.exit(0); parentPort.postMessage(event.data * 2) })`,
    { eval: true },
  )
  const channel = workerChannel(worker)
  const answer = new Promise((resolve) => channel.onMessage(resolve))
  const gone = new Promise<void>((resolve) => channel.onClose(resolve))
  channel.post(21)
  expect(await answer).toBe(42)
  channel.post('end')
  await gone
})
