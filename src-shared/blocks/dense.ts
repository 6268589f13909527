import { shapeSize, shapeText } from '../layout/shapeText'
import { activationLabel, activationParam, withActivation } from './activationKinds'
import { defineBlock } from './defineBlock'
import { isVector, onlyInput } from './shapeKinds'

export const dense = defineBlock({
  type: 'dense',
  version: 1,
  label: 'Dense',
  description:
    'Every neuron sees every number of the vector, each with a weight of its own. Strong at the end of a network; on an image of 1,000,000 pixels, 1,000 neurons would need a billion weights.',
  params: {
    units: {
      kind: 'integer',
      label: 'Units',
      help: 'How many neurons, and so how long the resulting vector. The last dense block has one per class.',
      default: 128,
      min: 1,
      max: 1_000_000,
    },
    useBias: {
      kind: 'boolean',
      label: 'Bias',
      help: 'Adds one trainable number per neuron.',
      default: true,
    },
    activation: activationParam,
    trainable: {
      kind: 'boolean',
      label: 'Trainable',
      help: 'Off: the weights stay as they are during training.',
      default: true,
    },
  },
  inputs: 'one',
  hasOutput: true,
  inferShape({ params, inputs }) {
    const input = onlyInput(inputs)
    const output = [params.units]
    if (isVector(input)) {
      return { output, arithmetic: [{ label: 'Length', text: `one per unit = ${params.units}` }] }
    }
    const details = { input: shapeText(input), n: shapeSize(input) }
    return { output, issues: [{ code: 'DENSE_NEEDS_VECTOR', input: 0, details }] }
  },
  weights({ params, inputs }) {
    const { units, useBias, trainable } = params
    const n = shapeSize(onlyInput(inputs))
    return [
      { name: 'kernel', shape: [n, units], trainable, initialiser: 'glorotUniform', fanIn: n, fanOut: units },
      ...(useBias ? [{ name: 'bias', shape: [units], trainable, initialiser: 'zeros' } as const] : []),
    ]
  },
  weightsFormula({ params, inputs }) {
    const product = `${shapeSize(onlyInput(inputs))}·${params.units}`
    return params.useBias ? `${product} + ${params.units}` : product
  },
  macs: ({ params, inputs }) => shapeSize(onlyInput(inputs)) * params.units,
  macsFormula: ({ params, inputs }) => `${shapeSize(onlyInput(inputs))}·${params.units}`,
  field: () => ({ kind: 'whole' }),
  lower({ params, output }) {
    const { units, useBias, activation } = params
    return withActivation(
      {
        op: 'dense',
        attrs: { units, useBias },
        from: [{ input: 0 }],
        weights: useBias ? { kernel: 'kernel', bias: 'bias' } : { kernel: 'kernel' },
        output,
      },
      activation,
    )
  },
  palette: { group: 'shape', icon: 'Network' },
  summary: ({ units, activation }) =>
    `${units} ${units === 1 ? 'unit' : 'units'}${activation === 'none' ? '' : `, ${activationLabel(activation)}`}`,
})
