import { shapeSize } from '../layout/shapeText'
import { defineBlock } from './defineBlock'
import { onlyInput } from './shapeKinds'

export const flatten = defineBlock({
  type: 'flatten',
  version: 1,
  label: 'Flatten',
  description:
    'Lays the numbers of all activation maps out in one long vector, row by row, so that dense blocks can follow.',
  params: {},
  inputs: 'one',
  hasOutput: true,
  inferShape({ inputs }) {
    const input = onlyInput(inputs)
    const n = shapeSize(input)
    return { output: [n], arithmetic: [{ label: 'Length', text: `${input.join(' · ')} = ${n}` }] }
  },
  lower: ({ output }) => [{ op: 'flatten', attrs: {}, from: [{ input: 0 }], weights: {}, output }],
  palette: { group: 'shape', icon: 'AlignJustify' },
})
