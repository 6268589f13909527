import { describe, expect, test } from 'vitest'
import { opWeightNames, type ActivationKind } from '#shared/ops'
import { defaultOptimizer, type OptimizerSettings } from '#shared/training/settings'
import { ReferenceExecutor } from '../../src-main/engine/executors/reference'
import { referenceKernels } from '../../src-main/engine/ops/referenceKernels'
import { compileNetwork } from '../../src-main/engine/plan/compileNetwork'
import { conformanceCases } from './cases'
import { defineConformance } from './conformance'

// The reference against itself proves the harness: same inputs, same names, nothing read before it is written.
defineConformance('the reference', async () => new ReferenceExecutor(), { tolerance: 0 })

describe('nothing is missing: the cases', () => {
  const plans = conformanceCases.map(({ network, batchSize }) =>
    compileNetwork(network, { batchSize, optimizer: defaultOptimizer, seed: 1 }),
  )
  const passes = plans.flatMap((plan) => [...plan.train, ...plan.infer])
  // Total by their types: who adds an operation, a function or an optimiser must name it here or in a table like these.
  const functions: Record<ActivationKind, true> = {
    ...{ relu: true, leakyRelu: true, elu: true, gelu: true, sigmoid: true, tanh: true, softplus: true },
  }
  const optimizers: Record<OptimizerSettings['type'], true> = {
    ...{ sgd: true, adam: true, adamw: true, rmsprop: true },
  }

  test.each(Object.keys(opWeightNames))('try the operation %s', (op) => {
    expect(conformanceCases.filter(({ subject }) => subject === op)).not.toEqual([])
  })

  test('reach every kernel', () => {
    const reached = new Set<string>(passes.map(({ kernel }) => kernel))
    expect([...reached].sort()).toEqual(Object.keys(referenceKernels).sort())
  })

  test('reach every activation function', () => {
    const reached = passes.flatMap((pass) => (pass.kernel === 'activation' ? [pass.attrs.kind] : []))
    expect([...new Set(reached)].sort()).toEqual(Object.keys(functions).sort())
  })

  test('reach every optimiser', () => {
    const reached = new Set(conformanceCases.map(({ optimizer }) => optimizer.type))
    expect([...reached].sort()).toEqual(Object.keys(optimizers).sort())
  })
})
