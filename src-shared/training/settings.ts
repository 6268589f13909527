/**
 * Training settings of a project, validated with zod. Optimisers follow PyTorch's formulas and names (blocks.md).
 * Unknown keys are errors: a mistyped setting must not be silently ignored.
 */
import { z } from 'zod'

const rate = z.number().positive().max(100)
const unitBelowOne = z.number().min(0).lt(1)

export const optimizerSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('sgd'),
    learningRate: rate.default(0.01),
    momentum: unitBelowOne.default(0),
    nesterov: z.boolean().default(false),
    weightDecay: z.number().min(0).default(0),
  }),
  z.strictObject({
    type: z.literal('adam'),
    learningRate: rate.default(0.001),
    beta1: unitBelowOne.default(0.9),
    beta2: unitBelowOne.default(0.999),
    epsilon: z.number().positive().default(1e-8),
    weightDecay: z.number().min(0).default(0),
  }),
  z.strictObject({
    type: z.literal('adamw'),
    learningRate: rate.default(0.001),
    beta1: unitBelowOne.default(0.9),
    beta2: unitBelowOne.default(0.999),
    epsilon: z.number().positive().default(1e-8),
    weightDecay: z.number().min(0).default(0.01),
  }),
  z.strictObject({
    type: z.literal('rmsprop'),
    learningRate: rate.default(0.01),
    alpha: unitBelowOne.default(0.99),
    epsilon: z.number().positive().default(1e-8),
    momentum: unitBelowOne.default(0),
    weightDecay: z.number().min(0).default(0),
  }),
])

export type OptimizerSettings = z.infer<typeof optimizerSchema>
export type OptimizerType = OptimizerSettings['type']

export const defaultOptimizer: OptimizerSettings = {
  type: 'adam',
  learningRate: 0.005,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
}

export const trainingSchema = z.strictObject({
  epochs: z.int().min(1).max(100_000).default(10),
  batchSize: z.int().min(1).max(4096).default(32),
  optimizer: optimizerSchema.default(defaultOptimizer),
  seed: z.int().min(0).max(0xffff_ffff).default(1),
})

export type TrainingSettings = z.infer<typeof trainingSchema>
