import { ReferenceExecutor } from '../../src-main/engine/executors/reference'
import { defineConformance } from './conformance'

// The reference against itself proves the harness and the memory plan: with shared memory nothing may change.
defineConformance('the reference', async () => new ReferenceExecutor(), { tolerance: 0 })
