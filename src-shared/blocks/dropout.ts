import { defineBlock } from './defineBlock'
import { onlyInput } from './shapeKinds'

export const dropout = defineBlock({
  type: 'dropout',
  version: 1,
  label: 'Dropout',
  description:
    'In training, sets a random share of the numbers to zero and scales the rest up, so that the network cannot rely on single ones. Does nothing afterwards.',
  params: {
    rate: {
      kind: 'number',
      label: 'Rate',
      help: 'Share of numbers set to zero at each training step.',
      default: 0.5,
      min: 0,
      max: 1,
      exclusiveMax: true,
    },
  },
  inputs: 'one',
  hasOutput: true,
  inferShape: ({ inputs }) => ({ output: onlyInput(inputs) }),
  lower: ({ params, output }) => [
    { op: 'dropout', attrs: { rate: params.rate }, from: [{ input: 0 }], weights: {}, output },
  ],
  palette: { group: 'regularisation', icon: 'Dices' },
  summary: (params) => `rate ${params.rate}`,
})
