/**
 * The gradients of whole plans against central differences of the loss: that the backward rules are put together rightly, not
 * only that each kernel is right. A few weights of every tensor of every conformance case are moved by ±h.
 */
import { describe, expect, test } from 'vitest'
import type { OptimizerSettings } from '#shared/training/settings'
import { ReferenceExecutor } from '../../src-main/engine/executors/reference'
import { compileNetwork } from '../../src-main/engine/plan/compileNetwork'
import { conformanceCases, planSettings } from './cases'
import { createRandom, randomImages, randomWeights } from './random'

const h = 1e-5
const still: OptimizerSettings = {
  type: 'sgd',
  learningRate: 1,
  momentum: 0,
  nesterov: false,
  weightDecay: 0,
}

describe('gradients equal finite differences', () => {
  test.each(
    conformanceCases
      .map((candidate, i) => [`${candidate.subject} ${candidate.label}`, candidate, i] as const)
      // What is done to an image before the first weight has no gradient of its own.
      .filter(([, { augmentation }]) => augmentation === undefined),
  )('%s', async (_, candidate, index) => {
    const { network, batchSize } = candidate
    const count = Math.min(batchSize, 3)
    const plan = compileNetwork(network, {
      ...planSettings(candidate),
      batchSize: count,
      optimizer: still,
      seed: 3,
    })
    const random = createRandom(500 + index)
    const executor = new ReferenceExecutor()
    await executor.prepare(plan)
    const channels = network.input.shape.at(-1)!
    await executor.setNormalisation({ mean: Array(channels).fill(0.5), std: Array(channels).fill(0.3) })
    await executor.loadImages('images', randomImages(random, count, network.input.shape, plan.classes))
    await executor.write(randomWeights(random, plan))
    // Training mode without a change of the weights: the moving statistics move, but do not enter the loss.
    const loss = async (): Promise<number> => {
      await executor.run({
        mode: 'train',
        set: 'images',
        indices: Uint32Array.from({ length: count }, (_, i) => i),
        counts: Uint32Array.of(count),
        learningRates: Float32Array.of(0),
        firstStep: 2,
        probabilities: false,
      })
      return executor.lastLoss
    }

    await loss()
    const weights = plan.tensors.filter(({ arena }) => arena === 'parameters')
    const gradients = weights.map(({ name }) => executor.tensor(`d(${name})`).slice())
    for (const [i, { name, size }] of weights.entries()) {
      const values = executor.tensor(name)
      const gradient = gradients[i]!
      const largest = gradient.reduce((max, x) => Math.max(max, Math.abs(x)), 1e-3)
      for (let trial = 0; trial < 2; trial++) {
        const at = Math.floor(random() * size)
        const value = values[at]!
        values[at] = value + h
        const above = await loss()
        values[at] = value - h
        const below = await loss()
        values[at] = value
        const slope = (above - below) / (2 * h)
        expect(Math.abs(slope - gradient[at]!) / largest, `d(${name})[${at}]`).toBeLessThan(1e-5)
      }
    }
  })
})
