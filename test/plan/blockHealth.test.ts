/** Norms and dead units of the blocks of a network, against what the executor holds. */
import { describe, expect, test } from 'vitest'
import type { Executor } from '#shared/engine/executor'
import type { ImageSet, NamedTensor } from '#shared/engine/tensors'
import { BlockHealthProbe, normOf } from '../../src-main/engine/blockHealth'
import { createWasmExecutor } from '../../src-main/engine/executors/wasm'
import { ReferenceExecutor } from '../../src-main/engine/executors/reference'
import { initialiseWeights } from '../../src-main/engine/initialiseWeights'
import { compileNetwork } from '../../src-main/engine/plan/compileNetwork'
import { lowerGraph } from '../../src-main/engine/plan/lowerGraph'
import { defaultOptimizer } from '#shared/training/settings'
import { createRandom } from '../conformance/random'
import { chain } from './graphs'

const graph = chain(
  [6, 6, 2],
  [
    ['c1', 'conv2d', { filters: 5, activation: 'relu' }],
    ['c2', 'conv2d', { filters: 4, trainable: false }],
    ['bn', 'batchNorm'],
    ['a1', 'activation', { kind: 'relu' }],
    ['flat', 'flatten'],
    ['d1', 'dense', { units: 3 }],
  ],
)
const normalisation = { mean: [0.5, 0.5], std: [0.3, 0.3] }

function images(count: number): ImageSet {
  const random = createRandom(7)
  const pixels = Uint8Array.from({ length: count * 72 }, () => random() * 256)
  const labels = Int32Array.from({ length: count }, () => random() * 3)
  return { count, height: 6, width: 6, channels: 2, pixels, labels }
}

async function trained(executor: Executor, weights: readonly NamedTensor[], set: ImageSet): Promise<void> {
  const plan = compileNetwork(lowerGraph(graph), { batchSize: 8, optimizer: defaultOptimizer, seed: 1 })
  await executor.prepare(plan)
  await executor.setNormalisation(normalisation)
  await executor.loadImages('training', set)
  await executor.write(weights)
  await executor.run({
    mode: 'train',
    set: 'training',
    indices: Uint32Array.from({ length: 8 }, (_, i) => i),
    counts: Uint32Array.of(8),
    learningRates: Float32Array.of(0),
    firstStep: 0,
    probabilities: false,
  })
}

/** Three of the five filters of c1 can never answer. */
function withDeadFilters(weights: NamedTensor[]): NamedTensor[] {
  return weights.map((tensor) =>
    tensor.name === 'c1/bias' ? { ...tensor, data: Float32Array.of(-1e3, 0.1, -1e3, 0.1, -1e3) } : tensor,
  )
}

describe.each([
  ['reference', async (): Promise<Executor> => new ReferenceExecutor(true)],
  ['CPU', () => createWasmExecutor({ threads: 2 })],
])('on the %s', (_name, create) => {
  test('norms are those of weights and gradients, dead filters are found', async () => {
    const network = lowerGraph(graph)
    const weights = withDeadFilters(initialiseWeights(network, 3))
    const set = images(20)
    const executor = await create()
    const probe = new BlockHealthProbe(network, normalisation, create)
    try {
      await trained(executor, weights, set)
      const health = await probe.measure(executor, weights, set)
      expect(health.map(({ blockId }) => blockId)).toEqual(['c1', 'bn', 'a1', 'd1'])
      const [c1, bn, a1, d1] = health
      expect(c1).toMatchObject({ weights: 3 * 3 * 2 * 5 + 5, dead: 0.6 })
      expect(bn).toMatchObject({ weights: 8 })
      expect(bn).not.toHaveProperty('dead')
      expect(a1!.weightNorm).toBeUndefined()
      expect(a1!.dead).toBeLessThan(0.5)
      const named = new Map(weights.map((tensor) => [tensor.name, tensor]))
      const square = (name: string) => named.get(name)!.data.reduce((sum, value) => sum + value * value, 0)
      expect(d1!.weightNorm).toBeCloseTo(Math.sqrt(square('d1/kernel') + square('d1/bias')), 6)
      const gradients = await executor.read(['d(c1/kernel)', 'd(c1/bias)'])
      expect(c1!.gradientNorm).toBeGreaterThan(0)
      expect(c1!.gradientNorm).toBeCloseTo(normOf(gradients), 10)
    } finally {
      await probe.close()
      await executor.dispose()
    }
  })
})

test('without a second executor norms are told, and that dead units are not known', async () => {
  const network = lowerGraph(graph)
  const weights = initialiseWeights(network, 3)
  const executor = new ReferenceExecutor(true)
  let asked = 0
  const probe = new BlockHealthProbe(network, normalisation, () => {
    asked++
    return Promise.reject(new Error('no more memory'))
  })
  await trained(executor, weights, images(20))
  for (let epoch = 0; epoch < 2; epoch++) {
    const health = await probe.measure(executor, weights, images(20))
    expect(health.map(({ blockId, dead }) => [blockId, dead])).toEqual([['c1', null], ['bn', undefined], ['a1', null], ['d1', undefined]]) // prettier-ignore
  }
  expect(asked).toBe(1)
})

test('of a network whose sample takes too much memory it is said that dead units are not known', async () => {
  const large = lowerGraph(
    chain(
      [512, 512, 1],
      [
        ['c1', 'conv2d', { filters: 32, activation: 'relu' }],
        ['pool', 'globalAvgPool2d'],
        ['d1', 'dense', { units: 3 }],
      ],
    ),
  )
  const weights = initialiseWeights(large, 3)
  const reader = { read: async () => [] } as Partial<Executor> as Executor
  const probe = new BlockHealthProbe(large, normalisation, () => {
    throw new Error('it must not be tried')
  })
  const health = await probe.measure(reader, weights, images(20))
  expect(health.map(({ blockId, dead }) => [blockId, dead])).toEqual([['c1', null], ['d1', undefined]]) // prettier-ignore
})
