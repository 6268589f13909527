/** The CPU executor gives the same bits at any number of threads. */
import { expect, test } from 'vitest'
import type { StepResult } from '#shared/engine/executor'
import type { NamedTensor } from '#shared/engine/tensors'
import type { OptimizerSettings } from '#shared/training/settings'
import { createWasmExecutor } from '../../src-main/engine/executors/wasm'
import { compileNetwork, type PlanOptions } from '../../src-main/engine/plan/compileNetwork'
import type { Network } from '../../src-main/engine/plan/network'
import { NetworkBuilder } from './networkBuilder'
import { createRandom, randomImages, randomWeights } from './random'

const adam: OptimizerSettings = {
  type: 'adam',
  learningRate: 0.002,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
}

/** Every kind of work: convolutions (the second by Winograd's way), pooling, batch statistics, dropout, dense. */
function network(): Network {
  return new NetworkBuilder([12, 10, 3])
    .conv2d('c0', { filters: 33, kernelSize: 3, padding: 1 })
    .conv2d('c1', { filters: 40, kernelSize: 3, padding: 1 })
    .batchNorm('b1')
    .activation('r1', 'relu')
    .pool('maxPool2d', 'p1', { poolSize: 2 })
    .conv2d('c2', { filters: 14, kernelSize: 3, strides: 2 })
    .activation('t2', 'tanh')
    .flatten('flat')
    .dropout('drop', 0.3)
    .dense('d1', 30)
    .activation('s1', 'sigmoid')
    .dense('d2', 5)
    .build()
}

type LossSettings = Pick<PlanOptions, 'clipNorm' | 'labelSmoothing' | 'classWeights'>

async function train(
  threads: number,
  batchSize: number,
  loss: LossSettings = {},
): Promise<{ result: StepResult; tensors: NamedTensor[] }> {
  const plan = compileNetwork(network(), { ...loss, batchSize, optimizer: adam, seed: 5 })
  const executor = await createWasmExecutor({ threads })
  expect(executor.info.threads).toBe(threads)
  const random = createRandom(3)
  const images = randomImages(random, 300, [12, 10, 3], 5)
  await executor.prepare(plan)
  await executor.setNormalisation({ mean: [0.5, 0.4, 0.3], std: [0.3, 0.2, 0.3] })
  await executor.loadImages('training', images)
  await executor.write(randomWeights(random, plan))
  // Full batches, then a short one.
  const counts = Uint32Array.of(batchSize, batchSize, batchSize - 7, batchSize)
  const total = counts.reduce((sum, count) => sum + count, 0)
  const result = await executor.run({
    mode: 'train',
    set: 'training',
    indices: Uint32Array.from({ length: total }, (_, i) => (i * 7) % images.count),
    counts,
    learningRates: new Float32Array(counts.length).fill(0.002),
    firstStep: 0,
    probabilities: true,
  })
  const kept = ({ arena }: { arena: string }) => ['parameters', 'gradients', 'state'].includes(arena)
  const names = [...plan.tensors.filter(kept).map(({ name }) => name), 'moment1', 'moment2']
  const tensors = await executor.read(names)
  await executor.dispose()
  return { result, tensors }
}

// 40 images are 3 blocks of 16 (no even share for 2 threads), 64 are 4, 200 are 13 blocks in 7 chunks.
test.each<[number, LossSettings]>([
  [40, {}],
  [64, {}],
  [200, {}],
  [40, { clipNorm: 0.5, labelSmoothing: 0.1, classWeights: true }],
  [200, { clipNorm: 0.5, labelSmoothing: 0.1, classWeights: true }],
])('1, 2 and 3 threads give identical bits with batches of %i %o', async (batchSize, loss) => {
  const one = await train(1, batchSize, loss)
  if (loss.clipNorm !== undefined) {
    const plain = await train(1, batchSize)
    expect(one.tensors, 'the settings act').not.toEqual(plain.tensors)
  }
  for (const threads of [2, 3]) {
    const other = await train(threads, batchSize, loss)
    expect(other.result.losses).toEqual(one.result.losses)
    expect(other.result.correct).toEqual(one.result.correct)
    expect(other.result.probabilities).toEqual(one.result.probabilities)
    expect(other.tensors).toEqual(one.tensors)
  }
  expect(one.result.losses.every(Number.isFinite)).toBe(true)
  expect(one.result.losses[3]).not.toBe(one.result.losses[0])
})
