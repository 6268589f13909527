/** Plans that do not fit: the batch that is named really fits, and the next larger one really does not. */
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import type { Executor } from '#shared/engine/executor'
import type { Plan } from '#shared/engine/plan'
import { defaultOptimizer } from '#shared/training/settings'
import { openDawn } from '../../src-main/engine/executors/gpu/dawn'
import { GpuExecutor } from '../../src-main/engine/executors/gpu/gpuExecutor'
import { openAdapter, openDevice } from '../../src-main/engine/executors/gpu/openDevice'
import { createWasmExecutor } from '../../src-main/engine/executors/wasm'
import { probeWebGpu } from '../../src-main/engine/executors/webgpu'
import { InferenceSession } from '../../src-main/engine/inference'
import { initialiseWeights } from '../../src-main/engine/initialiseWeights'
import { compileNetwork } from '../../src-main/engine/plan/compileNetwork'
import { lowerGraph } from '../../src-main/engine/plan/lowerGraph'
import type { Network } from '../../src-main/engine/plan/network'
import { chain } from '../plan/graphs'
import { NetworkBuilder } from './networkBuilder'
import { createRandom, randomImages } from './random'
import { useSoftwareAdapter } from './softwareAdapter'

useSoftwareAdapter()
const report = await probeWebGpu()
const megabyte = 2 ** 20

/** Large maps, few weights: the images take the memory. */
const wideMaps = new NetworkBuilder([96, 96, 3])
  .conv2d('c1', { filters: 24, kernelSize: 3, padding: 1 })
  .batchNorm('b1')
  .activation('r1', 'relu')
  .globalAvgPool2d('gap')
  .dense('d', 2)
  .build()

/** 300,000 weights, small maps: on the CPU the copies of their gradients count, of which there are not more with every image. */
const manyWeights = new NetworkBuilder([16, 16, 3])
  .conv2d('c1', { filters: 4, kernelSize: 3, padding: 1 })
  .flatten('flat')
  .dense('d1', 300)
  .dense('d2', 2)
  .build()

/** A dense layer of 50 million weights. */
const hugeWeights = new NetworkBuilder([128, 128, 3]).flatten('flat').dense('d1', 1024).dense('d2', 2).build()

const planOf = (network: Network, batchSize: number, optimizer: Plan['optimizer'] = defaultOptimizer): Plan =>
  compileNetwork(network, { batchSize, optimizer, seed: 1 })

/** What a plan was refused with. */
async function refusalOf(
  executor: Executor,
  plan: Plan,
): Promise<Error & { details: Record<string, unknown> }> {
  const refusal: unknown = await executor.prepare(plan).then(
    () => null,
    (thrown: unknown) => thrown,
  )
  expect(refusal, `a batch of ${plan.batchSize}`).toBeInstanceOf(Error)
  return refusal as Error & { details: Record<string, unknown> }
}

/** The batch that is named instead; it prepares, and one image more does not. */
async function namedBatch(
  executor: Executor,
  planFor: (batch: number) => Plan,
  batch: number,
): Promise<number> {
  const refusal = await refusalOf(executor, planFor(batch))
  expect(refusal).toMatchObject({ code: 'OUT_OF_MEMORY', details: { batch } })
  const fits = refusal.details['fits'] as number
  expect(fits).toBeGreaterThan(0)
  expect(fits).toBeLessThan(batch)
  expect(refusal.message).toContain(`A batch of ${fits} would fit`)
  const more = await refusalOf(executor, planFor(fits + 1))
  expect(more).toMatchObject({ code: 'OUT_OF_MEMORY', details: { batch: fits + 1, fits } })
  await executor.prepare(planFor(fits))
  expect(
    await executor.read(['d2/bias', 'd/bias'].filter((name) => hasWeight(planFor(fits), name))),
  ).toHaveLength(1)
  return fits
}

const hasWeight = (plan: Plan, wanted: string): boolean => plan.tensors.some(({ name }) => name === wanted)

const opened: Executor[] = []
afterEach(async () => {
  for (const executor of opened.splice(0)) await executor.dispose()
})

describe('too little memory for the CPU executor', () => {
  const create = async (memory: number): Promise<Executor> => {
    const executor = await createWasmExecutor({ threads: 2, memory })
    opened.push(executor)
    return executor
  }

  test.each([
    ['whole blocks of images', wideMaps, 130, 200 * megabyte, defaultOptimizer],
    ['less than two blocks', wideMaps, 20, 60 * megabyte, defaultOptimizer],
    ['inference with few images', wideMaps, 8, 12 * megabyte, null],
    ['gradients of many weights', manyWeights, 4096, 24 * megabyte, defaultOptimizer],
  ] as const)(
    '%s: the largest batch that fits is named',
    async (_what, network, batch, memory, optimizer) => {
      const fits = await namedBatch(await create(memory), (size) => planOf(network, size, optimizer), batch)
      if (optimizer !== null) expect(fits % 16).toBe(0)
    },
  )

  test('no larger batch fits than the one named, although more images can take less memory', async () => {
    const fitting = new Set<number>()
    let mixed = 0
    for (let memory = 13; memory <= 19; memory += 2) {
      const executor = await create(memory * megabyte)
      fitting.clear()
      for (let batch = 16; batch < 512; batch += 16) {
        const fits = await executor.prepare(planOf(manyWeights, batch)).then(
          () => true,
          () => false,
        )
        if (fits) fitting.add(batch)
      }
      const largest = Math.max(...fitting)
      if (fitting.size < largest / 16) mixed++
      expect((await refusalOf(executor, planOf(manyWeights, 512))).details['fits'], `${memory} MB`).toBe(
        largest,
      )
    }
    expect(mixed, 'limits at which a smaller batch does not fit and a larger one does').toBeGreaterThan(0)
  })

  test('a network too large for one image is told so', async () => {
    const executor = await create(100 * megabyte)
    const refusal = await refusalOf(executor, planOf(hugeWeights, 64))
    expect(refusal).toMatchObject({ code: 'NETWORK_EXCEEDS_MEMORY', details: { available: '100 MB' } })
    expect(refusal.message).toMatch(/needs \d+ MB for a single image/)
    await executor.prepare(planOf(wideMaps, 16))
  })

  test('inference goes in smaller batches instead, to the same answers', async () => {
    const graph = chain(
      [96, 96, 3],
      [
        ['c1', 'conv2d', { filters: 24, activation: 'relu' }],
        ['gap', 'globalAvgPool2d'],
        ['d1', 'dense', { units: 2 }],
      ],
    )
    const weights = initialiseWeights(lowerGraph(graph), 1)
    const normalisation = { mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2] }
    const images = randomImages(createRandom(1), 20, [96, 96, 3], 2)
    const answer = async (memory: number) => {
      const executor = await create(memory)
      const session = new InferenceSession({ graph, weights, normalisation }, executor)
      const { probabilities } = await session.run(images)
      return [...probabilities]
    }
    const whole = await answer(1024 * megabyte)
    const few = await answer(12 * megabyte)
    expect(few).toHaveLength(40)
    few.forEach((value, i) => expect(value).toBeCloseTo(whole[i]!, 5))
    await expect(answer(megabyte / 2)).rejects.toMatchObject({ code: 'NETWORK_EXCEEDS_MEMORY' })
  })

  test('of itself it takes no more than addresses reach', async () => {
    const executor = await createWasmExecutor({ threads: 1 })
    opened.push(executor)
    const { details } = await refusalOf(executor, planOf(wideMaps, 4096))
    expect(Number.parseInt(String(details['available']))).toBeLessThanOrEqual(4096)
  })
})

if (!report.available)
  describe('too little memory for the WebGPU executor', () => {
    test.skip(`batches that fit into buffers and into the device (no WebGPU adapter: ${report.problem})`)
  })
else
  describe('too little memory for the WebGPU executor', { timeout: 240_000 }, () => {
    /** Dawn ends when nothing refers to its `GPU` object. */
    const kept: GPU[] = []
    afterAll(() => void kept.splice(0))

    async function create(openWith: (adapter: GPUAdapter) => Promise<GPUDevice>): Promise<Executor> {
      const gpu = await openDawn()
      kept.push(gpu)
      const { adapter, name } = (await openAdapter(gpu))!
      const { software } = report
      const info = { kind: 'webgpu', name, threads: 1, software, reason: 'Chosen by a test.' } as const
      const executor = new GpuExecutor(await openWith(adapter), info)
      opened.push(executor)
      return executor
    }
    /** 128 MB to bind and 256 MB for a buffer, whatever the adapter could. */
    const withDefaultLimits = (adapter: GPUAdapter): Promise<GPUDevice> => adapter.requestDevice()

    test('beyond the largest buffer, the largest batch that fits is named', async () => {
      const executor = await create(withDefaultLimits)
      const refusal = await refusalOf(executor, planOf(wideMaps, 300))
      expect(refusal.details['available']).toBe('128 MB in one buffer')
      await namedBatch(executor, (batch) => planOf(wideMaps, batch), 300)
    })

    test('a network too large for one image is told so', async () => {
      const executor = await create(withDefaultLimits)
      const refusal = await refusalOf(executor, planOf(hugeWeights, 64))
      expect(refusal).toMatchObject({ code: 'NETWORK_EXCEEDS_MEMORY' })
      expect(refusal.message).toContain('needs 193 MB for a single image, and 128 MB in one buffer')
      await executor.prepare(planOf(wideMaps, 16))
    })

    test.skipIf(!/swiftshader/i.test(report.name))(
      'an allocation that the device refuses: the largest batch that it takes is named (SwiftShader)',
      async () => {
        // It announces buffers of 1 GB and cannot allocate quite so much.
        const executor = await create(openDevice)
        const huge = (batch: number): Plan => {
          const plan = planOf(wideMaps, batch)
          return { ...plan, arenas: { ...plan.arenas, activations: 2 ** 22 } }
        }
        const refusal = await refusalOf(executor, huge(64))
        expect(refusal).toMatchObject({ code: 'OUT_OF_MEMORY', details: { batch: 64, fits: 63 } })
        expect(refusal.details['available']).toMatch(/^little more than 1\d{3} MB$/)
        await executor.prepare(huge(63))
      },
    )
  })
