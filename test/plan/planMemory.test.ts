import { describe, expect, test } from 'vitest'
import type { Pass, Plan, PlanTensor } from '#shared/engine/plan'
import { sameShape } from '#shared/layout/shapeText'
import { defaultOptimizer } from '#shared/training/settings'
import { compileNetwork } from '../../src-main/engine/plan/compileNetwork'
import { compilePlan } from '../../src-main/engine/plan/compilePlan'
import type { Network } from '../../src-main/engine/plan/network'
import { NetworkBuilder } from '../conformance/networkBuilder'
import { createRandom, type Random } from '../conformance/random'
import { lenet } from './graphs'

/** A network of random operations with shortcuts; every operation feeds the next, so all are on the path. */
function randomNetwork(random: Random): Network {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!
  const builder = new NetworkBuilder([8, 8, 2]).conv2d('v0', { filters: 3, kernelSize: 1 })
  const values = ['v0']
  const count = 3 + Math.floor(random() * 14)
  for (let i = 1; i <= count; i++) {
    const name = `v${i}`
    const [height] = builder.shape(values.at(-1)!) as [number, number, number]
    const sameSize = values.filter((value) => builder.shape(value)[0] === height)
    const addable = sameSize.filter((value) => sameShape(builder.shape(value), builder.shape(values.at(-1)!)))
    const kinds = [
      'conv',
      'frozen',
      'activation',
      'gelu',
      'batchNorm',
      'dropout',
      'add',
      'concat',
      'pool',
      'softmax',
    ]
    switch (pick(kinds)) {
      case 'conv':
        builder.conv2d(name, { filters: pick([2, 3, 5]), kernelSize: 3, padding: 1 })
        break
      case 'frozen':
        builder.conv2d(name, { filters: 3, kernelSize: 1, trainable: false })
        break
      case 'activation':
        builder.activation(name, pick(['relu', 'tanh', 'sigmoid']))
        break
      case 'gelu':
        builder.activation(name, 'gelu')
        break
      case 'batchNorm':
        builder.batchNorm(name, { frozen: random() < 0.3 })
        break
      case 'dropout':
        builder.dropout(name, 0.3)
        break
      case 'softmax':
        builder.softmax(name)
        break
      case 'add':
        builder.add(name, [values.at(-1)!, pick(addable), pick(addable)])
        break
      case 'concat':
        builder.concat(name, [values.at(-1)!, pick(sameSize)])
        break
      case 'pool':
        if (height >= 4) builder.pool(pick(['maxPool2d', 'avgPool2d']), name, { poolSize: 2 })
        else builder.activation(name, 'tanh')
        break
    }
    values.push(name)
  }
  return builder.head(3)
}

/**
 * Runs a pass list on a shadow of the activations that remembers which pass wrote each float, and answers for every pass who
 * wrote what it reads. Any lost or overwritten float shows as a difference from the plan without sharing.
 */
function provenance(plan: Plan, passes: readonly Pass[]): string[] {
  const writer = new Int32Array(plan.arenas.activations).fill(-1)
  const floats = ({ offset, size }: PlanTensor): Int32Array => writer.subarray(offset, offset + size)
  const inActivations = (ids: readonly number[]): PlanTensor[] =>
    ids.map((id) => plan.tensors[id]!).filter(({ arena }) => arena === 'activations')
  const story = passes.map((pass, index) => {
    const read = inActivations(pass.inputs).map(
      (tensor) => `${tensor.name}: ${[...new Set(floats(tensor))].join(' ')}`,
    )
    for (const tensor of inActivations(pass.outputs)) floats(tensor).fill(index)
    return `${pass.kernel} reads ${read.join(', ')}`
  })
  const kept = plan.tensors.find(({ name }) => name.endsWith(':probabilities'))!
  return [...story, `probabilities: ${[...new Set(floats(kept))].join(' ')}`]
}

function overlap(a: PlanTensor, b: PlanTensor): boolean {
  return a.arena === b.arena && a.offset < b.offset + b.size && b.offset < a.offset + a.size
}

/** Most floats that any pass needs at once: no plan can do with less. */
function leastActivations(plan: Plan): number {
  const sizes = [...plan.train, ...plan.infer].map((pass) =>
    [...new Set([...pass.inputs, ...pass.outputs].map((id) => plan.tensors[id]!))]
      .filter(({ arena }) => arena === 'activations')
      .reduce((sum, { size }) => sum + size, 0),
  )
  return Math.max(...sizes)
}

describe('planMemory', () => {
  test('in 300 random networks every pass reads what was written for it, and writes beside what it reads', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const network = randomNetwork(createRandom(seed))
      const options = { batchSize: 4, optimizer: defaultOptimizer, seed: 1 }
      const shared = compileNetwork(network, options)
      const apart = compileNetwork(network, { ...options, shareMemory: false })
      const inference = compileNetwork(network, { ...options, optimizer: null })
      expect(inference.infer.map(({ kernel }) => kernel)).toEqual(shared.infer.map(({ kernel }) => kernel))
      for (const mode of ['train', 'infer'] as const) {
        expect(provenance(shared, shared[mode]), `seed ${seed}, ${mode}`).toEqual(
          provenance(apart, apart[mode]),
        )
        for (const pass of shared[mode]) {
          for (const output of pass.outputs) {
            for (const input of pass.inputs) {
              const pair = [shared.tensors[output]!, shared.tensors[input]!] as const
              expect(overlap(...pair), `${pass.kernel}: ${pair[0].name} over ${pair[1].name}`).toBe(false)
            }
          }
        }
      }
      const stories = [
        inference,
        compileNetwork(network, { ...options, optimizer: null, shareMemory: false }),
      ]
      expect(provenance(stories[0]!, stories[0]!.infer)).toEqual(provenance(stories[1]!, stories[1]!.infer))
      expect(shared.arenas.activations).toBeLessThanOrEqual(apart.arenas.activations)
    }
  })

  test('the shadow notices a tensor that is overwritten too early', () => {
    const plan = compilePlan(lenet(), { batchSize: 4, optimizer: defaultOptimizer, seed: 1 })
    const first = plan.tensors.find(({ name }) => name === 'c1')!
    const broken = {
      ...plan,
      tensors: plan.tensors.map((tensor) =>
        tensor.name === 'c2' ? { ...tensor, offset: first.offset } : tensor,
      ),
    }
    expect(provenance(broken, broken.train)).not.toEqual(provenance(plan, plan.train))
  })

  test('sharing comes near the least possible for LeNet, and offsets are aligned', () => {
    const plan = compilePlan(lenet(), { batchSize: 4, optimizer: null, seed: 1 })
    expect(plan.arenas.activations).toBeLessThan(1.1 * leastActivations(plan))
    for (const { offset } of plan.tensors) expect(offset % 4).toBe(0)
  })

  test('weights, gradients and state never overlap within their arena', () => {
    const plan = compileNetwork(randomNetwork(createRandom(5)), {
      batchSize: 4,
      optimizer: defaultOptimizer,
      seed: 1,
    })
    const fixed = plan.tensors.filter(({ arena }) => arena !== 'activations')
    for (const a of fixed) for (const b of fixed) if (a.id < b.id) expect(overlap(a, b)).toBe(false)
    for (const gradient of plan.tensors.filter(({ arena }) => arena === 'gradients')) {
      const weight = plan.tensors.find(({ name }) => gradient.name === `d(${name})`)!
      expect([weight.arena, weight.offset, weight.size]).toEqual([
        'parameters',
        gradient.offset,
        gradient.size,
      ])
    }
  })
})
