/** What the conformance cases do not reach: many steps, streamed images, loss of the device, other tiles. */
import { MessageChannel } from 'node:worker_threads'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import type { Executor, StepRequest } from '#shared/engine/executor'
import type { Plan } from '#shared/engine/plan'
import type { ExecutorReport } from '#shared/engine/protocol'
import { portChannel } from '#shared/rpc/channel'
import { openDawn } from '../../src-main/engine/executors/gpu/dawn'
import { GpuExecutor } from '../../src-main/engine/executors/gpu/gpuExecutor'
import { openAdapter, openDevice } from '../../src-main/engine/executors/gpu/openDevice'
import { ReferenceExecutor } from '../../src-main/engine/executors/reference'
import { RemoteGpu } from '../../src-main/engine/executors/remote'
import { serveExecutors } from '../../src-main/engine/executors/remote/serveExecutors'
import { createWebGpuExecutor, probeWebGpu } from '../../src-main/engine/executors/webgpu'
import { compileNetwork } from '../../src-main/engine/plan/compileNetwork'
import { defineConformance, webGpuLosses } from './conformance'
import { NetworkBuilder } from './networkBuilder'
import { createRandom, randomImages, randomWeights } from './random'
import { useSoftwareAdapter } from './softwareAdapter'

useSoftwareAdapter()
const report = await probeWebGpu()
const input = [6, 6, 2] as const
const classes = 3

function makePlan(batchSize: number): Plan {
  const network = new NetworkBuilder([...input])
    .conv2d('c1', { filters: 4, kernelSize: 3 })
    .activation('t1', 'tanh')
    .batchNorm('bn')
    .dropout('drop', 0.2)
    .flatten('flat')
    .dense('d1', classes)
    .build()
  const optimizer = {
    type: 'adam',
    learningRate: 0.002,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    weightDecay: 0,
  } as const
  const loss = { clipNorm: 0.5, labelSmoothing: 0.1, classWeights: true }
  return compileNetwork(network, { batchSize, optimizer, seed: 3, ...loss })
}

/** `steps` steps over the same images, the last batch short. */
function makeRequest(batchSize: number, steps: number, images: number): StepRequest {
  const counts = new Uint32Array(steps).fill(batchSize)
  counts[steps - 1] = 1
  const total = counts.reduce((sum, count) => sum + count, 0)
  return {
    mode: 'train',
    set: 'training',
    indices: Uint32Array.from({ length: total }, (_, i) => (i * 7) % images),
    counts,
    learningRates: Float32Array.from({ length: steps }, (_, i) => 0.001 / (1 + i)),
    firstStep: 11,
    probabilities: true,
  }
}

const imageCount = 23

async function train(executor: Executor, request: StepRequest, batchSize: number) {
  const plan = makePlan(batchSize)
  const random = createRandom(5)
  await executor.prepare(plan)
  await executor.setNormalisation({ mean: [0.4, 0.5], std: [0.2, 0.3] })
  await executor.loadImages('training', randomImages(random, imageCount, [...input], classes))
  await executor.write(randomWeights(random, plan))
  const result = await executor.run(request)
  const weights = await executor.read(['c1/kernel', 'bn/movingVariance', 'd1/bias', 'moment1', 'moment2'])
  return { result, weights }
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]!)))
}

/** An executor on a device of our own. */
async function openExecutor(
  software: boolean,
  imageLimits?: { residentBytes: number; windowBytes: number },
): Promise<{ executor: GpuExecutor; device: GPUDevice }> {
  const gpu = await openDawn()
  kept.push(gpu)
  const { adapter, name } = (await openAdapter(gpu))!
  const device = await openDevice(adapter)
  const info = { kind: 'webgpu', name, threads: 1, software, reason: 'Chosen by a test.' } as const
  return { executor: new GpuExecutor(device, info, () => {}, imageLimits), device }
}

/** As in Electron: the executor lives behind a port. */
async function createAtOtherEnd(probed: ExecutorReport): Promise<Executor> {
  const { port1, port2 } = new MessageChannel()
  serveExecutors(portChannel(port2), {
    probe: () => Promise.resolve(probed),
    create: () => createWebGpuExecutor(),
  })
  return new RemoteGpu(portChannel(port1)).open()
}

/** Dawn ends when nothing refers to its `GPU` object. */
const kept: GPU[] = []
const opened: Executor[] = []

if (!report.available)
  describe('the WebGPU executor', () => {
    test.skip(`many steps, streaming, device loss (no WebGPU adapter: ${report.problem})`)
  })
else {
  afterEach(async () => {
    for (const executor of opened.splice(0)) await executor.dispose()
  })
  afterAll(() => void kept.splice(0))

  const create = async (): Promise<Executor> => {
    const executor = await createWebGpuExecutor()
    opened.push(executor)
    return executor
  }

  // On a graphics card products are computed in tiles of workgroup memory, and elements without a loop. SwiftShader takes seconds
  // to compile each: one setting of every kind.
  const settings = [
    ...[
      '7×7×1, batch 17',
      '4×4×64, batch 3',
      '6×6×4, batch 5: filters:8',
      '11×11×2, batch 3',
      '5×5×3, batch 17',
    ],
    ...['on the image 9×7×3', '130 → 97', '64 → 10, batch 33', '2×3×64, batch 33', 'VGG-like, batch 5'],
    'many parameters clipped',
  ]
  defineConformance(
    'WebGPU with the tiles of a graphics card',
    async () => (await openExecutor(false)).executor,
    {
      ...webGpuLosses,
      only: ({ label }) => settings.some((text) => label.includes(text)),
    },
  )

  describe('the WebGPU executor', () => {
    test('says that a software adapter is one', async () => {
      const executor = await create()
      expect(executor.info).toMatchObject({ kind: 'webgpu', name: report.name, software: report.software })
    })

    test('runs more steps than fit into one window, with the reference', async () => {
      const request = makeRequest(3, 300, imageCount)
      const gpu = await train(await create(), request, 3)
      const truth = await train(new ReferenceExecutor(), request, 3)
      expect(gpu.result.correct).toHaveLength(300)
      expect(largestDifference(gpu.result.losses, truth.result.losses)).toBeLessThan(1e-3)
      expect(largestDifference(gpu.result.probabilities!, truth.result.probabilities!)).toBeLessThan(1e-3)
      for (const [i, tensor] of gpu.weights.entries())
        expect(largestDifference(tensor.data, truth.weights[i]!.data), tensor.name).toBeLessThan(1e-3)
    })

    test('gives the same bits every time, also in two halves', async () => {
      const request = makeRequest(5, 12, imageCount)
      const first = await train(await create(), request, 5)
      const again = await create()
      const second = await train(again, request, 5)
      expect(second.result.losses).toEqual(first.result.losses)
      expect(second.weights).toEqual(first.weights)

      const half = (from: number, to: number): StepRequest => ({
        ...request,
        indices: request.indices.slice(5 * from, Math.min(5 * to, request.indices.length)),
        counts: request.counts.slice(from, to),
        learningRates: request.learningRates.slice(from, to),
        firstStep: request.firstStep + from,
      })
      await train(again, half(0, 6), 5)
      const { losses } = await again.run(half(6, 12))
      expect(losses).toEqual(first.result.losses.slice(6))
    })

    test('streams images that may not stay on the device, to the same bits', async () => {
      const request = makeRequest(4, 9, imageCount)
      const resident = await train(await create(), request, 4)
      const bytes = input[0] * input[1] * input[2]
      // Less than a batch fits at first; then two windows are needed.
      for (const windowBytes of [bytes, 9 * bytes]) {
        const { executor } = await openExecutor(report.software, { residentBytes: 0, windowBytes })
        opened.push(executor)
        const streamed = await train(executor, request, 4)
        expect(streamed.result.losses).toEqual(resident.result.losses)
        expect(streamed.weights).toEqual(resident.weights)
      }
    })

    test.each([
      ['in this process', create],
      ['at the other end of a line', () => createAtOtherEnd(report)],
    ])('trains on images that change between runs, %s', async (_where, open) => {
      const random = createRandom(5)
      const images = randomImages(random, imageCount, [...input], classes)
      const size = input[0] * input[1] * input[2]
      const resident = await train(await create(), makeRequest(4, 6, imageCount), 4)

      const executor = await open()
      opened.push(executor)
      const plan = makePlan(4)
      await executor.prepare(plan)
      await executor.setNormalisation({ mean: [0.4, 0.5], std: [0.2, 0.3] })
      const ring = {
        ...images,
        count: 8,
        pixels: new Uint8Array(new SharedArrayBuffer(8 * size)),
        labels: new Int32Array(new SharedArrayBuffer(8 * 4)),
        changing: true,
      }
      await executor.loadImages('training', ring)
      await executor.write(randomWeights(random, plan))
      const whole = makeRequest(4, 6, imageCount)
      const losses: number[] = []
      for (let step = 0; step < 6; step += 2) {
        const wanted = whole.indices.slice(step * 4, (step + 2) * 4)
        wanted.forEach((index, i) => {
          ring.pixels.set(images.pixels.subarray(index * size, (index + 1) * size), i * size)
          ring.labels[i] = images.labels[index]!
        })
        const result = await executor.run({
          ...whole,
          indices: wanted.map((_, i) => i),
          counts: whole.counts.slice(step, step + 2),
          learningRates: whole.learningRates.slice(step, step + 2),
          firstStep: whole.firstStep + step,
        })
        losses.push(...result.losses)
      }
      expect(losses).toEqual([...resident.result.losses])
    })

    test.skipIf(!/swiftshader/i.test(report.name))(
      'streams through a smaller window where the device has no room for the usual one (SwiftShader)',
      async () => {
        // It announces buffers of 1 GB and cannot allocate quite so much.
        const size = 1024 * 1024
        const { executor } = await openExecutor(true, { residentBytes: 0, windowBytes: 1024 * size })
        opened.push(executor)
        await executor.loadImages('training', randomImages(createRandom(1), 1, [1024, 1024, 1], 2))
        const { windowImages } = (
          executor as unknown as { images: Map<string, { windowImages: number }> }
        ).images.get('training')!
        expect(windowImages).toBe(512)
      },
    )

    test('fails with DEVICE_LOST, now and later, when the device goes', async () => {
      const { executor, device } = await openExecutor(report.software)
      const request = makeRequest(5, 12, imageCount)
      await train(executor, request, 5)
      const running = executor.run(request)
      device.destroy()
      await expect(running).rejects.toMatchObject({ code: 'DEVICE_LOST' })
      await expect(executor.run(request)).rejects.toMatchObject({ code: 'DEVICE_LOST' })
      await expect(executor.read(['d1/bias'])).rejects.toMatchObject({ code: 'DEVICE_LOST' })
      await expect(executor.prepare(makePlan(5))).rejects.toMatchObject({ code: 'DEVICE_LOST' })
      await executor.dispose()
    })

    test('refuses what does not belong together', async () => {
      const executor = await create()
      const request = makeRequest(5, 2, imageCount)
      await expect(executor.run(request)).rejects.toMatchObject({ code: 'INTERNAL' })
      await train(executor, request, 5)
      await expect(executor.read(['c9/kernel'])).rejects.toMatchObject({ code: 'INTERNAL' })
      const short = { name: 'd1/bias', shape: [2], data: new Float32Array(2) }
      await expect(executor.write([short])).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' })
      const outside = { ...request, indices: request.indices.map(() => imageCount) }
      await expect(executor.run(outside)).rejects.toMatchObject({ code: 'INTERNAL' })
      await executor.loadImages('training', randomImages(createRandom(1), 3, [5, 5, 2], classes))
      await expect(executor.run(request)).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' })
    })
  })
}
