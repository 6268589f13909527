import { activationLabel, activationOptions, lowerActivation } from './activationKinds'
import { defineBlock } from './defineBlock'
import { onlyInput } from './shapeKinds'

const forKind = (kind: string) => (params: Readonly<Record<string, unknown>>) => params['kind'] === kind
const positive = { kind: 'number', min: 0, max: 1000, exclusiveMin: true } as const

/** The number the chosen function takes, where it takes one. */
function alphaOf(params: { kind: string; slope: number; alpha: number; beta: number }): number | undefined {
  if (params.kind === 'leakyRelu') return params.slope
  if (params.kind === 'elu') return params.alpha
  return params.kind === 'softplus' ? params.beta : undefined
}

export const activation = defineBlock({
  type: 'activation',
  version: 1,
  label: 'Activation',
  description:
    'A non-linearity, applied to every number of the activation maps. Without one between them, convolutions and dense layers one after the other are no more than a single linear one.',
  params: {
    kind: {
      kind: 'choice',
      label: 'Function',
      help: 'ReLU keeps positive numbers and sets the others to zero; sigmoid squeezes into 0…1, tanh into −1…1; softmax turns a vector into probabilities.',
      default: 'relu',
      options: activationOptions,
    },
    slope: {
      kind: 'number',
      label: 'Slope',
      help: 'Factor for negative numbers.',
      default: 0.01,
      min: 0,
      max: 1000,
      visible: forKind('leakyRelu'),
    },
    alpha: {
      ...positive,
      label: 'Alpha',
      help: 'The value that very negative numbers approach is −alpha.',
      default: 1,
      visible: forKind('elu'),
    },
    beta: {
      ...positive,
      label: 'Beta',
      help: 'Sharpness: the larger, the closer to ReLU.',
      default: 1,
      visible: forKind('softplus'),
    },
  },
  inputs: 'one',
  hasOutput: true,
  inferShape: ({ inputs }) => ({ output: onlyInput(inputs) }),
  lower: ({ params, output }) => [lowerActivation(params.kind, { input: 0 }, output, alphaOf(params))],
  palette: { group: 'activation', icon: 'Activity' },
  summary: (params) => activationLabel(params.kind),
})
