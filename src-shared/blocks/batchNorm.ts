import { defineBlock } from './defineBlock'
import { onlyInput } from './shapeKinds'

function channelsOf(inputs: readonly (readonly number[])[]): number {
  return onlyInput(inputs).at(-1) ?? 0
}

export const batchNorm = defineBlock({
  type: 'batchNorm',
  version: 1,
  label: 'Batch normalisation',
  description:
    'Brings every channel to mean 0 and spread 1 over the batch, then scales and shifts it by trained numbers. Deep networks learn faster.',
  params: {
    momentum: {
      kind: 'number',
      label: 'Momentum',
      help: 'How slowly the running mean and variance follow: new = momentum · old + (1 − momentum) · batch. PyTorch calls 1 − momentum its momentum.',
      default: 0.9,
      min: 0,
      max: 1,
      exclusiveMax: true,
    },
    epsilon: {
      kind: 'number',
      label: 'Epsilon',
      help: 'Added to the variance so that nothing is divided by zero.',
      default: 0.001,
      min: 0,
      max: 1,
      exclusiveMin: true,
    },
    trainable: {
      kind: 'boolean',
      label: 'Trainable',
      help: 'Off: scale, shift and the running statistics stay as they are, and are used in training too.',
      default: true,
    },
  },
  inputs: 'one',
  hasOutput: true,
  inferShape: ({ inputs }) => ({ output: onlyInput(inputs) }),
  weights({ params, inputs }) {
    const shape = [channelsOf(inputs)]
    return [
      { name: 'gamma', shape, trainable: params.trainable, initialiser: 'ones' },
      { name: 'beta', shape, trainable: params.trainable, initialiser: 'zeros' },
      { name: 'movingMean', shape, trainable: false, initialiser: 'zeros' },
      { name: 'movingVariance', shape, trainable: false, initialiser: 'ones' },
    ]
  },
  weightsFormula: ({ inputs }) => `4·${channelsOf(inputs)}`,
  lower: ({ params, output }) => [
    {
      op: 'batchNorm',
      attrs: { momentum: params.momentum, epsilon: params.epsilon, frozen: !params.trainable },
      from: [{ input: 0 }],
      weights: { gamma: 'gamma', beta: 'beta', movingMean: 'movingMean', movingVariance: 'movingVariance' },
      output,
    },
  ],
  palette: { group: 'regularisation', icon: 'ChartNoAxesColumn' },
  summary: (params) => (params.trainable ? `momentum ${params.momentum}` : 'frozen'),
})
