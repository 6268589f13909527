/**
 * Training settings of a project, validated with zod. Optimisers follow PyTorch's formulas and names (blocks.md).
 * Unknown keys are errors: a mistyped setting must not be silently ignored.
 */
import { z } from 'zod'
import { augmentationSchema } from './augmentation'

const rate = z.number().positive().max(100)
const oneOf = (...types: readonly string[]) => ({
  error: `one of ${types.map((type) => `"${type}"`).join(', ')}`,
})
const unitBelowOne = z.number().min(0).lt(1)

export const optimizerSchema = z.discriminatedUnion(
  'type',
  [
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
  ],
  oneOf('sgd', 'adam', 'adamw', 'rmsprop'),
)

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

/** How the learning rate changes over a run: names and formulas of torch.optim.lr_scheduler (`schedule.ts`). Lengths in epochs. */
export const scheduleSchema = z.discriminatedUnion(
  'type',
  [
    z.strictObject({ type: z.literal('constant') }),
    z.strictObject({
      type: z.literal('step'),
      stepSize: z.int().min(1).max(100_000).default(5),
      gamma: z.number().positive().max(1).default(0.1),
    }),
    z.strictObject({
      type: z.literal('multiStep'),
      milestones: z.array(z.int().min(1).max(100_000)).default([5, 8]),
      gamma: z.number().positive().max(1).default(0.1),
    }),
    z.strictObject({ type: z.literal('cosine'), minLearningRate: z.number().min(0).max(100).default(0) }),
    z.strictObject({
      type: z.literal('plateau'),
      factor: z.number().positive().lt(1).default(0.1),
      patience: z.int().min(0).max(100_000).default(5),
      threshold: unitBelowOne.default(1e-4),
      cooldown: z.int().min(0).max(100_000).default(0),
      minLearningRate: z.number().min(0).max(100).default(0),
    }),
  ],
  oneOf('constant', 'step', 'multiStep', 'cosine', 'plateau'),
)

export type ScheduleSettings = z.infer<typeof scheduleSchema>
export type ScheduleType = ScheduleSettings['type']

/** The learning rate rises in a straight line from `startFactor` of itself (torch.optim.lr_scheduler.LinearLR), before any schedule. */
export const warmupSchema = z.strictObject({
  length: z.int().min(1).max(1_000_000).default(1),
  unit: z.enum(['epochs', 'steps']).default('epochs'),
  startFactor: z.number().positive().max(1).default(0.01),
})

export type WarmupSettings = z.infer<typeof warmupSchema>

/** Ends a run after `patience` epochs in a row that were not better by more than `minDelta` (Keras's EarlyStopping). */
export const earlyStoppingSchema = z.strictObject({
  monitor: z.enum(['valLoss', 'valAccuracy']).default('valLoss'),
  patience: z.int().min(1).max(100_000).default(5),
  minDelta: z.number().min(0).max(1e6).default(0),
})

export type EarlyStoppingSettings = z.infer<typeof earlyStoppingSchema>

/**
 * Since version 2 of the project file: `clipNorm`, `labelSmoothing`, `classWeights`; since version 3: `batchSizes`,
 * `schedule`, `warmup`, `earlyStopping`. Their defaults mean what version 1 did.
 */
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
  augmentation: augmentationSchema.prefault({}),
  /** Other batch sizes from an epoch on; the last that applies counts. */
  batchSizes: z
    .array(z.strictObject({ fromEpoch: z.int().min(2).max(100_000), batchSize: z.int().min(1).max(4096) }))
    .default([]),
  schedule: scheduleSchema.default({ type: 'constant' }),
  warmup: warmupSchema.nullable().default(null),
  earlyStopping: earlyStoppingSchema.nullable().default(null),
})

export type TrainingSettings = z.infer<typeof trainingSchema>
