import { afterAll, describe, expect, test } from 'vitest'
import { InterlockError } from '#shared/issues/errors'
import { findChromium } from '../../src-main/launcher/chromium.mjs'
import { createWasmExecutor } from '../../src-main/engine/executors/wasm'
import { RemoteGpu } from '../../src-main/engine/executors/remote'
import { compileNetwork } from '../../src-main/engine/plan/compileNetwork'
import type { ConformanceCase } from './cases'
import { defineConformance, webGpuLosses } from './conformance'
import { NetworkBuilder } from './networkBuilder'
import { openHostWindow, type HostWindow } from './hostWindowChannel'
import { expectSameCurve, ofType, trainCommand, watchTraining } from './trainingRun'

/** A few cases suffice: the kernels are the ones that webgpu.test.ts holds to all of them; here it is the way to them. */
const labels = [
  '9×7×3, batch 5: filters:5,kernelSize:3,padding:1',
  '64 → 10, batch 33, no bias',
  '0.5 on 5×3×3, batch 5',
  'residual, batch 5',
  'adam, five steps',
  'uint16 · 0.0001, streamed: 9×5×13, batches 3 and 1',
  'float32: 5×7×3, batches 5 and 1',
  'flipHorizontal:true,flipVertical:true,rotate:true,shift:0.3,crop:0.6,brightness:0.4,contrast:0.3,noise:0.2 of uint16 33×35×1, streamed',
]
const isChosen = ({ label }: ConformanceCase): boolean => labels.includes(label)

const smallPlan = compileNetwork(new NetworkBuilder([2, 2, 1]).flatten('flat').dense('dense', 2).build(), {
  batchSize: 2,
  optimizer: null,
  seed: 1,
})

async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call
    return 'none'
  } catch (error) {
    return error instanceof InterlockError ? error.code : String(error)
  }
}

async function open(): Promise<{ host: HostWindow; gpu: RemoteGpu } | { problem: string }> {
  const executablePath = findChromium()
  if (!executablePath) return { problem: 'no Chromium, Chrome or Edge was found' }
  try {
    const host = await openHostWindow(executablePath)
    const gpu = new RemoteGpu(host.channel)
    const { available, problem } = await gpu.probe()
    if (available) return { host, gpu }
    await host.close()
    return { problem: `no WebGPU in this browser: ${problem}` }
  } catch (error) {
    return { problem: (error as Error).message.split('\n')[0]! }
  }
}

const opened = await open()

if ('problem' in opened)
  describe('conformance of the host window in Chromium', () => {
    test.skip(`chosen operations (${opened.problem})`)
  })
else {
  const { host, gpu } = opened
  afterAll(() => host.close())

  defineConformance('the host window in Chromium', () => gpu.open(), { ...webGpuLosses, only: isChosen })

  describe('the host window', () => {
    test('breaks no rule of its own policy', () => {
      expect(host.problems).toEqual([])
    })

    test('reports its adapter', async () => {
      const report = await gpu.probe()
      expect(report).toMatchObject({ kind: 'webgpu', available: true, threads: 1, problem: null })
    })

    test('a crash of the graphics process is DEVICE_LOST, and a new device can be had', async () => {
      const executor = await gpu.open()
      await executor.prepare(smallPlan)
      expect(await executor.read(['dense/bias'])).toMatchObject([{ name: 'dense/bias' }])
      await host.crashGraphics()
      await expect.poll(() => codeOf(executor.read(['dense/bias'])), { timeout: 10_000 }).toBe('DEVICE_LOST')
      await executor.dispose()

      const next = await gpu.open()
      await next.prepare(smallPlan)
      const bias = { name: 'dense/bias', shape: [2], data: Float32Array.of(1.5, -2) }
      await next.write([bias])
      expect(await next.read(['dense/bias'])).toEqual([bias])
      await next.dispose()
    })

    test(
      'a run goes on when the graphics process crashes, and on the CPU when the page ends as well',
      { timeout: 240_000 },
      async () => {
        const whole = await watchTraining(trainCommand(), (_choice, threads) =>
          createWasmExecutor({ threads }),
        )
        // A browser of its own, which does not remember other crashes.
        const own = await openHostWindow(findChromium()!)
        try {
          const lender = new RemoteGpu(own.channel)
          const disasters = [() => own.crashGraphics(), () => own.closePage()]
          let due = false
          const broken = await watchTraining(
            trainCommand(),
            async (choice, threads) => {
              if (choice === 'cpu') return createWasmExecutor({ threads })
              const executor = await lender.open()
              const run = executor.run.bind(executor)
              executor.run = async (request) => {
                const running = run(request)
                if (due) {
                  due = false
                  running.catch(() => undefined)
                  await disasters.shift()!()
                }
                return running
              }
              return executor
            },
            (event) => {
              due ||= event.type === 'checkpoint' && disasters.length === (event.state.epoch === 0 ? 2 : 1)
            },
          )
          expect(disasters).toHaveLength(0)
          expectSameCurve(broken, whole)
          const started = ofType(broken.events, 'started')
          expect(started.map(({ executor }) => executor.kind)).toEqual(['webgpu', 'webgpu', 'cpu'])
          expect(started[1]!.executor.reason).toMatch(/was lost.*The run goes on from/)
          expect(started[2]!.executor.reason).toMatch(/window that lends.*is gone.*the CPU goes on from/)
        } finally {
          await own.close()
        }
      },
    )

    test('the end of its page is the loss of the device', async () => {
      const executor = await gpu.open()
      await host.closePage()
      await expect(executor.read(['dense/bias'])).rejects.toMatchObject({ code: 'DEVICE_LOST' })
      await expect(gpu.open()).rejects.toMatchObject({ code: 'DEVICE_LOST' })
    })
  })
}
