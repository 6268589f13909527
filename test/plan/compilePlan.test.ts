import { describe, expect, test } from 'vitest'
import { InterlockError } from '#shared/issues/errors'
import type { Pass } from '#shared/engine/plan'
import { defaultOptimizer } from '#shared/training/settings'
import { compileNetwork } from '../../src-main/engine/plan/compileNetwork'
import { compilePlan } from '../../src-main/engine/plan/compilePlan'
import { planBytes } from '../../src-main/engine/plan/planBytes'
import { printPlan } from '../../src-main/engine/plan/printPlan'
import { NetworkBuilder } from '../conformance/networkBuilder'
import { chain, lenet } from './graphs'

const training = { batchSize: 32, optimizer: defaultOptimizer, seed: 1 }
const kernels = (passes: readonly Pass[]): string[] => passes.map(({ kernel }) => kernel)

describe('compilePlan', () => {
  test('LeNet as people read it', () => {
    const plan = compilePlan(lenet(), training)
    expect(printPlan(plan)).toMatchSnapshot()
    const parameters = plan.tensors.filter(({ arena }) => arena === 'parameters')
    expect(parameters.reduce((sum, { size }) => sum + size, 0)).toBe(61_706)
  })

  test('a plan for inference has no backward pass and no gradients', () => {
    const plan = compilePlan(lenet(), { ...training, optimizer: null })
    expect(plan.train).toEqual([])
    expect(plan.arenas.gradients).toBe(0)
    expect(kernels(plan.infer).at(-1)).toBe('softmaxCrossEntropy')
    expect(plan.arenas.activations).toBeLessThan(compilePlan(lenet(), training).arenas.activations)
  })

  test('a graph that does not fit is refused with the reason', () => {
    const graph = chain([8, 8, 1], [['d1', 'dense', { units: 3 }]])
    expect(() => compilePlan(graph, training)).toThrow(InterlockError)
    expect(() => compilePlan(graph, training)).toThrow(/flatten/)
  })

  test('an activation inside a block and after it name their tensors apart', () => {
    const graph = chain(
      [8, 8, 1],
      [
        ['c1', 'conv2d', { filters: 2, activation: 'relu' }],
        ['flat', 'flatten'],
        ['d1', 'dense', { units: 3 }],
      ],
    )
    const names = compilePlan(graph, training).tensors.map(({ name }) => name)
    expect(names).toContain('c1:0')
    expect(names).toContain('c1')
    expect(names).toContain('d(c1/kernel)')
    expect(new Set(names).size).toBe(names.length)
  })

  test('bytes are known before anything is allocated', () => {
    const plan = compilePlan(lenet(), training)
    const { activations, parameters, gradients, state, saved } = plan.arenas
    expect(planBytes(plan, 48)).toBe(4 * (activations * 48 + 3 * parameters + gradients + state + saved))
  })
})

describe('gradients', () => {
  const options = { batchSize: 4, optimizer: defaultOptimizer, seed: 1 }

  test('nothing is computed for the image or below the lowest trainable weight', () => {
    const network = new NetworkBuilder([6, 6, 1])
      .conv2d('frozen', { filters: 2, kernelSize: 3, trainable: false })
      .activation('relu', 'relu')
      .conv2d('trained', { filters: 2, kernelSize: 3 })
      .head(3)
    const plan = compileNetwork(network, options)
    const names = plan.tensors.map(({ name }) => name)
    expect(names).not.toContain('d(in)')
    expect(names).not.toContain('d(frozen)')
    expect(names).not.toContain('d(relu)')
    expect(names).not.toContain('d(frozen/kernel)')
    expect(kernels(plan.train)).not.toContain('conv2dInputGrad')
    expect(kernels(plan.train).filter((kernel) => kernel === 'conv2dWeightGrad')).toHaveLength(1)
    const kernel = plan.tensors.find(({ name }) => name === 'frozen/kernel')!
    expect(kernel.arena).toBe('state')
  })

  test('a frozen layer above a trained one passes the gradient on and takes none', () => {
    const network = new NetworkBuilder([6, 6, 1])
      .conv2d('trained', { filters: 2, kernelSize: 3 })
      .conv2d('frozen', { filters: 2, kernelSize: 3, trainable: false })
      .head(3)
    const plan = compileNetwork(network, options)
    expect(kernels(plan.train).filter((kernel) => kernel === 'conv2dInputGrad')).toHaveLength(1)
    expect(plan.tensors.map(({ name }) => name)).not.toContain('d(frozen/kernel)')
  })

  test('a value with several consumers sums its gradients', () => {
    const network = new NetworkBuilder([5, 5, 1])
      .conv2d('pre', { filters: 2, kernelSize: 1 })
      .conv2d('a', { filters: 2, kernelSize: 1 }, 'pre')
      .add('sum', ['a', 'pre'])
      .head(3)
    const plan = compileNetwork(network, options)
    const sums = plan.train.filter(({ kernel, blockId }) => kernel === 'add' && blockId === 'pre')
    expect(sums).toHaveLength(1)
    expect(plan.tensors[sums[0]!.outputs[0]!]!.name).toBe('d(pre)')
  })

  test('a network without trainable weights has no backward pass', () => {
    const network = new NetworkBuilder([2, 2, 1]).flatten('flat').dense('d', 3, true, 'flat', false).build()
    const plan = compileNetwork(network, options)
    expect(kernels(plan.train)).toEqual(['gather', 'dense', 'softmaxCrossEntropy'])
  })

  test('dropout is absent from inference and draws one mask for both directions', () => {
    const network = new NetworkBuilder([2, 2, 1]).flatten('flat').dense('d', 5).dropout('drop', 0.5).head(3)
    const plan = compileNetwork(network, options)
    expect(kernels(plan.infer)).not.toContain('dropout')
    const streams = plan.train.filter(({ kernel }) => kernel.startsWith('dropout')).map(({ attrs }) => attrs)
    expect(streams).toHaveLength(2)
    expect(streams[0]).toEqual(streams[1])
  })
})
