/** Threads of the CPU executor that die: noticed wherever they are, and nothing that was learnt is lost. */
import { Worker } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import type { Executor } from '#shared/engine/executor'
import type { ImageSet } from '#shared/engine/tensors'
import { createWasmExecutor } from '../../src-main/engine/executors/wasm'
import { compileNetwork } from '../../src-main/engine/plan/compileNetwork'
import { lowerGraph } from '../../src-main/engine/plan/lowerGraph'
import { ofType, outcome, trainCommand, watchTraining } from './trainingRun'

const workersOf = (executor: Executor): readonly Worker[] =>
  (executor as unknown as { workers: readonly Worker[] }).workers

const exited = (worker: Worker): Promise<void> =>
  new Promise((resolve) => worker.once('exit', () => resolve()))

describe('a CPU thread that dies', () => {
  test('while a step runs, between runs, or before the plan is there: CPU_THREAD_LOST, at once and later', async () => {
    const { graph, training, normalisation, trainingImages } = trainCommand()
    const { batchSize, optimizer, seed } = training
    const plan = compileNetwork(lowerGraph(graph), { batchSize, optimizer, seed })
    const request = {
      mode: 'train',
      set: 'training',
      indices: Uint32Array.from({ length: 400 }, (_, i) => i),
      counts: new Uint32Array(10).fill(40),
      learningRates: new Float32Array(10).fill(0.001),
      firstStep: 0,
      probabilities: false,
    } as const
    for (const moment of ['step', 'between', 'before'] as const) {
      const executor = await createWasmExecutor({ threads: 3 })
      const [, victim] = workersOf(executor)
      if (moment === 'before') {
        void victim!.terminate()
        await expect(executor.prepare(plan)).rejects.toMatchObject({ code: 'CPU_THREAD_LOST' })
      } else {
        await executor.prepare(plan)
        await executor.setNormalisation(normalisation)
        await executor.loadImages('training', trainingImages as ImageSet)
        await executor.run(request)
        // The run begins in the same turn: its thread is told to die while the others already compute and wait for it.
        const gone = exited(victim!)
        void victim!.terminate()
        if (moment === 'between') await gone
        await expect(executor.run(request)).rejects.toMatchObject({ code: 'CPU_THREAD_LOST' })
      }
      await expect(executor.run(request)).rejects.toMatchObject({ code: 'CPU_THREAD_LOST' })
      const ends = workersOf(executor)
        .filter((worker) => worker.threadId !== -1)
        .map(exited)
      await executor.dispose()
      await Promise.all(ends)
    }
  })

  test('the run goes on from the last safe state, at last with one thread, to the very same end', async () => {
    const whole = await watchTraining(trainCommand(), (_choice, threads) => createWasmExecutor({ threads }))
    const threadCounts: (number | null)[] = []
    // The first one and those after a death train; another looks at the blocks.
    let training: Executor | null = null
    let kill = false
    const broken = await watchTraining(
      trainCommand({ executor: 'cpu' }),
      async (_choice, threads) => {
        const executor = await createWasmExecutor({ threads })
        threadCounts.push(threads)
        if (training === null) {
          training = executor
          kill = true
        }
        return executor
      },
      (event) => {
        // In the middle of an epoch; the trainer begins the next steps in this very turn.
        if (!kill || event.type !== 'checkpoint' || event.state.withinEpoch!.images > 900) return
        kill = false
        for (const worker of workersOf(training!)) void worker.terminate()
        training = null
      },
    )
    // The second looks at the blocks, with one thread.
    expect(threadCounts).toEqual([2, 1, 2, 1])
    expect(outcome(broken)).toEqual(outcome(whole))
    const started = ofType(broken.events, 'started')
    expect(started.map(({ from }) => from.step > 0)).toEqual([false, true, true])
    expect(started[1]!.executor.reason).toMatch(/thread.*ended.*from step \d+, in epoch \d/)
    expect(started[2]!.executor.reason).toContain('single thread')
  })
})
