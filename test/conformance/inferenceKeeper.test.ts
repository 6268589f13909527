/** The kept inference session: the same model is prepared once, and what changed is noticed. */
import { afterEach, expect, test } from 'vitest'
import type { Executor } from '#shared/engine/executor'
import type { InferCommand } from '#shared/engine/protocol'
import { createWasmExecutor } from '../../src-main/engine/executors/wasm'
import { InferenceKeeper } from '../../src-main/engine/inferenceKeeper'
import { initialiseWeights } from '../../src-main/engine/initialiseWeights'
import { lowerGraph } from '../../src-main/engine/plan/lowerGraph'
import { chain } from '../plan/graphs'
import { createRandom, randomImages } from './random'

const graph = chain(
  [12, 12, 1],
  [
    ['c1', 'conv2d', { filters: 4, activation: 'relu' }],
    ['flat', 'flatten'],
    ['d1', 'dense', { units: 3 }],
  ],
)

type Asked = Omit<InferCommand, 'type' | 'requestId'>

function ask(count: number, more: Partial<Asked> = {}): Asked {
  return {
    graph,
    weights: initialiseWeights(lowerGraph(graph), 1),
    normalisation: { mean: [0.5], std: [0.25] },
    images: randomImages(createRandom(count), count, [12, 12, 1], 3),
    executor: 'cpu',
    threads: 1,
    ...more,
  }
}

const made: Executor[] = []
let disposed = 0

function keeper(idle?: number): InferenceKeeper {
  return new InferenceKeeper(async (_, threads) => {
    const executor = await createWasmExecutor({ threads })
    const dispose = executor.dispose.bind(executor)
    executor.dispose = () => {
      disposed++
      return dispose()
    }
    made.push(executor)
    return executor
  }, idle)
}

afterEach(async () => {
  await Promise.all(made.map((executor) => executor.dispose()))
  made.length = 0
  disposed = 0
})

test('the same model is prepared once, whatever the number of images', async () => {
  const kept = keeper()
  const one = await kept.infer(ask(1))
  const many = await kept.infer(ask(70))
  const again = await kept.infer(ask(1))
  expect(again).toEqual(one)
  expect(many.probabilities).toHaveLength(70 * 3)
  expect(made).toHaveLength(1)
})

test('another weight, graph or normalisation makes another session, and another answer', async () => {
  const kept = keeper()
  const before = await kept.infer(ask(3))
  const weights = ask(3).weights
  weights[0]!.data[0]! += 1
  const changed = await kept.infer(ask(3, { weights }))
  expect(changed.probabilities).not.toEqual(before.probabilities)
  const normalised = await kept.infer(ask(3, { normalisation: { mean: [0.1], std: [0.25] } }))
  expect(normalised.probabilities).not.toEqual(before.probabilities)
  expect((await kept.infer(ask(3))).probabilities).toEqual(before.probabilities)
  expect(made).toHaveLength(4)
  expect(disposed).toBe(3)
})

test('requests at the same time do not meet', async () => {
  const kept = keeper()
  const counts = [1, 20, 3, 1, 9]
  const alone = await Promise.all(counts.map((count) => keeper().infer(ask(count))))
  const together = await Promise.all(counts.map((count) => kept.infer(ask(count))))
  expect(together).toEqual(alone)
})

test('memory is given back when it is wanted, and after a while', async () => {
  const kept = keeper(20)
  const first = kept.infer(ask(40))
  await kept.drop()
  await first
  await expect.poll(() => disposed).toBe(1)
  await kept.infer(ask(2))
  await expect.poll(() => disposed).toBe(2)
})

test('a kept executor that died meanwhile is replaced, and a model that cannot run says why', async () => {
  const kept = keeper()
  const before = await kept.infer(ask(2))
  await made[0]!.dispose()
  expect((await kept.infer(ask(2))).probabilities).toEqual(before.probabilities)
  expect(made).toHaveLength(2)
  await expect(kept.infer(ask(2, { weights: [] }))).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' })
})
