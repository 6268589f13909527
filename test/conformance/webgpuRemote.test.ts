import { MessageChannel } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import type { Executor } from '#shared/engine/executor'
import type { ImageSet, NamedTensor } from '#shared/engine/tensors'
import { InterlockError } from '#shared/issues/errors'
import { portChannel, type Channel } from '#shared/rpc/channel'
import { ReferenceExecutor } from '../../src-main/engine/executors/reference'
import { RemoteGpu } from '../../src-main/engine/executors/remote'
import { serveExecutors } from '../../src-main/engine/executors/remote/serveExecutors'
import type { ConformanceCase } from './cases'
import { defineConformance } from './conformance'

const report = {
  kind: 'webgpu',
  available: true,
  name: 'Recording',
  software: true,
  threads: 1,
  problem: null,
} as const

/** Both ends over a real port; `watch` sees every message that the client posts. */
function connect(create: () => Promise<Executor>, watch: (message: unknown) => void = () => {}): RemoteGpu {
  const { port1, port2 } = new MessageChannel()
  serveExecutors(portChannel(port2), { probe: () => Promise.resolve(report), create })
  const channel = portChannel(port1)
  const watched: Channel = {
    ...channel,
    post(message) {
      watch(message)
      channel.post(message)
    },
  }
  return new RemoteGpu(watched)
}

/** Keeps what it is given, and gives it back. */
class RecordingExecutor extends ReferenceExecutor {
  images: ImageSet | null = null
  private written: readonly NamedTensor[] = []
  disposed = 0

  override async loadImages(_set: string, images: ImageSet): Promise<void> {
    this.images = images
  }

  override async write(tensors: readonly NamedTensor[]): Promise<void> {
    this.written = tensors
  }

  override async read(names: readonly string[]): Promise<NamedTensor[]> {
    if (names.includes('lost')) throw new InterlockError('DEVICE_LOST', { problem: 'a test' })
    return this.written.filter(({ name }) => names.includes(name))
  }

  override async dispose(): Promise<void> {
    this.disposed++
  }
}

// The whole interface, with the reference at the other end: nothing may get lost or change on the way.
const isChosen = ({ subject }: ConformanceCase): boolean =>
  ['network', 'optimizer', 'gather'].includes(subject)
defineConformance(
  'the reference at the end of a port',
  () => connect(async () => new ReferenceExecutor()).open(),
  {
    tolerance: 0,
    only: isChosen,
  },
)

describe('a remote executor', () => {
  const pieceBytes = 16 * 1024 * 1024

  test('carries arrays of any size, in pieces, and only so many at a time', async () => {
    let underWay = 0
    let most = 0
    let largest = 0
    const recording = new RecordingExecutor()
    const { port1, port2 } = new MessageChannel()
    serveExecutors(portChannel(port2), {
      probe: () => Promise.resolve(report),
      create: async () => recording,
    })
    const channel = portChannel(port1)
    const gpu = new RemoteGpu({
      ...channel,
      post(message) {
        const piece = message as { link: string; bytes?: Uint8Array }
        if (piece.link === 'piece') {
          most = Math.max(most, ++underWay)
          largest = Math.max(largest, piece.bytes!.length)
        }
        channel.post(message)
      },
      onMessage: (handler) =>
        channel.onMessage((message) => {
          if ((message as { link: string }).link === 'received') underWay--
          handler(message)
        }),
    })
    const executor = await gpu.open()
    const size = 2.5 * pieceBytes + 3
    // Shared memory, as the engine's images are, and a view into the middle of it.
    const shared = new Uint8Array(new SharedArrayBuffer(size + 100)).subarray(50, 50 + size)
    for (let i = 0; i < size; i += 997) shared[i] = i % 251
    const labels = Int32Array.from([4, -1])
    await executor.loadImages('big', { count: 2, height: 1, width: 1, channels: 1, pixels: shared, labels })
    expect(recording.images!.pixels.buffer).not.toBe(shared.buffer)
    expect(Buffer.compare(recording.images!.pixels as Uint8Array, shared)).toBe(0)
    expect(recording.images!.labels).toEqual(labels)
    expect({ most, underWay, largest }).toEqual({ most: 2, underWay: 0, largest: pieceBytes })

    const data = Float32Array.from({ length: 1_000_000 }, (_, i) => i / 3)
    data[7] = NaN
    const small = { name: 'c1/bias', shape: [2], data: Float32Array.of(1, -0) }
    await executor.write([{ name: 'c1/kernel', shape: [1000, 1000], data }, small])
    const [kernel, bias] = await executor.read(['c1/kernel', 'c1/bias'])
    expect(kernel).toEqual({ name: 'c1/kernel', shape: [1000, 1000], data })
    expect(bias).toEqual(small)
    port1.close()
  })

  test('sends no more of a view than the view', async () => {
    const posted: unknown[] = []
    const executor = await connect(
      async () => new RecordingExecutor(),
      (message) => posted.push(message),
    ).open()
    const data = new Float32Array(5_000_000).subarray(10, 14)
    await executor.write([{ name: 'a', shape: [4], data }])
    const last = posted.at(-1) as { content: { argument: NamedTensor[] } }
    expect(last.content.argument[0]!.data.buffer.byteLength).toBe(16)
  })

  test('passes errors on with their code', async () => {
    const executor = await connect(async () => new RecordingExecutor()).open()
    await expect(executor.read(['lost'])).rejects.toMatchObject({
      code: 'DEVICE_LOST',
      details: { problem: 'a test' },
    })
    const refusing = connect(() =>
      Promise.reject(new InterlockError('EXECUTOR_UNAVAILABLE', { executor: 'webgpu', problem: 'none' })),
    )
    await expect(refusing.open()).rejects.toMatchObject({ code: 'EXECUTOR_UNAVAILABLE' })
    expect(await refusing.probe()).toEqual(report)
  })

  test('keeps several executors of one line apart', async () => {
    const created: RecordingExecutor[] = []
    const gpu = connect(async () => {
      const executor = new RecordingExecutor()
      created.push(executor)
      return executor
    })
    const [first, second] = await Promise.all([gpu.open(), gpu.open()])
    await second.dispose()
    expect(created.map(({ disposed }) => disposed)).toEqual([0, 1])
    await expect(second.read(['a'])).rejects.toMatchObject({ code: 'INTERNAL' })
    expect(await first.read(['a'])).toEqual([])
  })

  test('is lost with its line, and the other end frees everything', async () => {
    const { port1, port2 } = new MessageChannel()
    const recording = new RecordingExecutor()
    serveExecutors(portChannel(port2), {
      probe: () => Promise.resolve(report),
      create: async () => recording,
    })
    const gpu = new RemoteGpu(portChannel(port1))
    const executor = await gpu.open()
    recording.read = () => new Promise(() => {})
    const waiting = executor.read(['a'])
    port1.close()
    await expect(waiting).rejects.toMatchObject({ code: 'DEVICE_LOST' })
    await expect(executor.read(['a'])).rejects.toMatchObject({ code: 'DEVICE_LOST' })
    await executor.dispose()
    expect(await gpu.probe()).toMatchObject({ available: false })
    await expect.poll(() => recording.disposed).toBe(1)
  })
})
