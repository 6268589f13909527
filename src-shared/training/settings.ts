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

/**
 * How much an image of each class counts in the training loss (the `weight` of torch.nn.CrossEntropyLoss).
 * - `none`: all alike.
 * - `balanced`: n / (k · n_c) for a class with n_c of the n training images of k classes (scikit-learn's formula).
 * - numbers by class name, so that they stay with their class when folders come or go; a class that is not named counts 1.
 */
export const classWeightsSchema = z.union(
  [z.enum(['none', 'balanced']), z.record(z.string(), z.number().positive().max(1e6))],
  { error: '"none", "balanced", or an object of class names with weights above 0' },
)

export type ClassWeights = z.infer<typeof classWeightsSchema>

/** Since version 2 of the project file: `clipNorm`, `labelSmoothing`, `classWeights`. Their defaults mean what version 1 did. */
export const trainingSchema = z.strictObject({
  epochs: z.int().min(1).max(100_000).default(10),
  batchSize: z.int().min(1).max(4096).default(32),
  optimizer: optimizerSchema.default(defaultOptimizer),
  seed: z.int().min(0).max(0xffff_ffff).default(1),
  /** Largest L2 norm of all gradients together (torch.nn.utils.clip_grad_norm_); null does not clip. */
  clipNorm: z.number().positive().nullable().default(null),
  /** Share of each target that is spread over all classes alike (torch.nn.CrossEntropyLoss). Training only. */
  labelSmoothing: unitBelowOne.default(0),
  classWeights: classWeightsSchema.default('none'),
})

export type TrainingSettings = z.infer<typeof trainingSchema>
