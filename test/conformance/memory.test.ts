/** Over 1,000 steps no executor takes more memory than for the first few, and what it took is given back. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Worker } from 'node:worker_threads'
import { afterAll, describe, expect, test } from 'vitest'
import type { Executor } from '#shared/engine/executor'
import { defaultOptimizer } from '#shared/training/settings'
import { openDawn } from '../../src-main/engine/executors/gpu/dawn'
import { GpuExecutor } from '../../src-main/engine/executors/gpu/gpuExecutor'
import { openAdapter, openDevice } from '../../src-main/engine/executors/gpu/openDevice'
import { createWasmExecutor } from '../../src-main/engine/executors/wasm'
import { probeWebGpu } from '../../src-main/engine/executors/webgpu'
import { compileNetwork } from '../../src-main/engine/plan/compileNetwork'
import { NetworkBuilder } from './networkBuilder'
import { createRandom, randomImages, randomWeights } from './random'
import { useSoftwareAdapter } from './softwareAdapter'

useSoftwareAdapter()
const report = await probeWebGpu()

const input = [8, 8, 2] as const
const batchSize = 16
const callSteps = 50
const network = new NetworkBuilder([...input])
  .conv2d('c1', { filters: 6, kernelSize: 3 })
  .batchNorm('b1')
  .activation('r1', 'relu')
  .flatten('flat')
  .dropout('drop', 0.2)
  .dense('d1', 5)
  .build()
const plan = compileNetwork(network, { batchSize, optimizer: defaultOptimizer, seed: 1 })
const images = randomImages(createRandom(1), 100, [...input], 5)

async function makeReady(executor: Executor): Promise<void> {
  await executor.prepare(plan)
  await executor.setNormalisation({ mean: [0.5, 0.5], std: [0.2, 0.2] })
  await executor.loadImages('training', images)
  await executor.loadImages('validation', images)
  await executor.write(randomWeights(createRandom(2), plan))
}

/** As a training does it: steps, a look at validation images, the state read back. */
async function train(executor: Executor, firstStep: number, steps: number): Promise<void> {
  for (let step = firstStep; step < firstStep + steps; step += callSteps) {
    const indices = Uint32Array.from({ length: callSteps * batchSize }, (_, i) => (i * 7) % images.count)
    const counts = new Uint32Array(callSteps).fill(batchSize)
    const learningRates = new Float32Array(callSteps).fill(0.001)
    const request = { indices, counts, learningRates, firstStep: step, probabilities: true }
    const { losses } = await executor.run({ ...request, mode: 'train', set: 'training' })
    expect(losses.every(Number.isFinite)).toBe(true)
    const few = { indices: indices.slice(0, batchSize), counts: counts.slice(0, 1) }
    await executor.run({ ...request, ...few, mode: 'infer', set: 'validation' })
    await executor.read(['c1/kernel', 'd1/bias', 'moment1', 'moment2'])
  }
}

/** Bytes of this thread's array buffers, shared ones among them, that something still refers to. */
function reachableBufferBytes(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  setFlagsFromString('--no-expose-gc')
  collect()
  collect()
  return process.memoryUsage().arrayBuffers
}

describe('1,000 steps', { timeout: 300_000 }, () => {
  test('on the CPU: one memory of one size, no buffers left over, no thread after the end', async () => {
    const executor = await createWasmExecutor({ threads: 3 })
    const inside = executor as unknown as {
      workers: readonly Worker[]
      prepared: { floats: Float32Array } | null
    }
    await makeReady(executor)
    await train(executor, 0, 100)
    const memory = inside.prepared!.floats.buffer
    const bytes = memory.byteLength
    const reachable = reachableBufferBytes()
    await train(executor, 100, 1000)
    expect(inside.prepared!.floats.buffer).toBe(memory)
    expect(memory.byteLength).toBe(bytes)
    // The results of these steps alone are 400 KB.
    expect(reachableBufferBytes() - reachable).toBeLessThan(100_000)
    await executor.dispose()
    expect(inside.prepared).toBeNull()
    expect(inside.workers.map(({ threadId }) => threadId)).toEqual([-1, -1])
  })

  if (report.available)
    describe('on WebGPU', () => {
      /** Dawn ends when nothing refers to its `GPU` object. */
      const kept: GPU[] = []
      afterAll(() => void kept.splice(0))

      /** A real device that counts what is made of it. */
      async function openCounted() {
        const gpu = await openDawn()
        kept.push(gpu)
        const { adapter, name, software } = (await openAdapter(gpu))!
        const device = await openDevice(adapter)
        const live = new Map<GPUBuffer, number>()
        const made = { buffers: 0, bindGroups: 0, shaders: 0 }
        const createBuffer = device.createBuffer.bind(device)
        device.createBuffer = (descriptor) => {
          const buffer = createBuffer(descriptor)
          const destroy = buffer.destroy.bind(buffer)
          live.set(buffer, descriptor.size)
          made.buffers++
          buffer.destroy = () => {
            live.delete(buffer)
            return destroy()
          }
          return buffer
        }
        const createBindGroup = device.createBindGroup.bind(device)
        device.createBindGroup = (descriptor) => {
          made.bindGroups++
          return createBindGroup(descriptor)
        }
        const createShaderModule = device.createShaderModule.bind(device)
        device.createShaderModule = (descriptor) => {
          made.shaders++
          return createShaderModule(descriptor)
        }
        const info = { kind: 'webgpu', name, threads: 1, software, reason: 'Chosen by a test.' } as const
        return { device, info, made, live: () => [...live.values()].toSorted((a, b) => a - b) }
      }

      test.each([
        ['images on the device', undefined],
        ['streamed images', { residentBytes: 0, windowBytes: 50 * 128 }],
      ])('with %s: the same buffers, all destroyed at the end', async (_what, limits) => {
        const { device, info, made, live } = await openCounted()
        const executor = new GpuExecutor(device, info, () => {}, limits)
        await makeReady(executor)
        await train(executor, 0, 100)
        const before = live()
        const { buffers, bindGroups, shaders } = { ...made }
        expect(before.length).toBeGreaterThan(10)
        await train(executor, 100, 1000)
        expect(live()).toEqual(before)
        // Buffers to read through come and go; everything else is made once.
        expect(made.buffers).toBeGreaterThan(buffers)
        expect([made.bindGroups, made.shaders]).toEqual([bindGroups, shaders])
        // Prepared again, it takes the place of what was.
        await makeReady(executor)
        await train(executor, 0, 50)
        expect(live()).toEqual(before)
        expect(made.shaders).toBe(shaders)
        await executor.dispose()
        expect(live()).toEqual([])
        expect(await device.lost).toMatchObject({ reason: 'destroyed' })
      })
    })
  else test.skip(`on WebGPU: the same buffers, all destroyed (no adapter: ${report.problem})`)
})
