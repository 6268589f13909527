import { shapeText } from '../layout/shapeText'
import { defineBlock } from './defineBlock'
import { isVector, onlyInput } from './shapeKinds'

export const output = defineBlock({
  type: 'output',
  version: 1,
  label: 'Output',
  description:
    'Turns the last vector into one probability per class (softmax) and compares it with the true class (cross-entropy).',
  params: {},
  inputs: 'one',
  hasOutput: false,
  inferShape({ inputs }) {
    const input = onlyInput(inputs)
    if (isVector(input)) return { output: input }
    const details = { input: shapeText(input) }
    return { output: null, issues: [{ code: 'OUTPUT_NEEDS_VECTOR', input: 0, details }] }
  },
  // The plan adds softmax and cross-entropy itself.
  lower: () => [],
  palette: { group: 'io', icon: 'Tags' },
})
