import { expect, test } from 'vitest'
import { defaultOptimizer } from '#shared/training/settings'
import { ReferenceExecutor } from '../../src-main/engine/executors/reference'
import { referenceKernels } from '../../src-main/engine/ops/referenceKernels'
import { compileNetwork } from '../../src-main/engine/plan/compileNetwork'
import { conformanceCases } from './cases'
import { defineConformance } from './conformance'

// The reference against itself proves the harness: same inputs, same names, nothing read before it is written.
defineConformance('the reference', async () => new ReferenceExecutor(), { tolerance: 0 })

test('the cases reach every kernel', () => {
  const reached = new Set<string>()
  for (const { network, batchSize } of conformanceCases) {
    const plan = compileNetwork(network, { batchSize, optimizer: defaultOptimizer, seed: 1 })
    for (const { kernel } of [...plan.train, ...plan.infer]) reached.add(kernel)
  }
  expect([...reached].sort()).toEqual(Object.keys(referenceKernels).sort())
})
