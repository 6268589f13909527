import { sameShape, shapeText } from '../layout/shapeText'
import { defineBlock } from './defineBlock'

export const add = defineBlock({
  type: 'add',
  version: 1,
  label: 'Add',
  description:
    'Adds maps of equal size number by number. With a shortcut around some layers it makes a residual block.',
  params: {},
  inputs: 'many',
  hasOutput: true,
  inferShape({ inputs }) {
    const [first = [], ...others] = inputs
    const differing = others.findIndex((shape) => !sameShape(first, shape))
    if (differing < 0) return { output: first }
    const details = {
      type: 'Add',
      rule: 'inputs of equal size',
      inputs: inputs.map(shapeText).join(', '),
    }
    return { output: null, issues: [{ code: 'MERGE_SHAPES_DIFFER', input: differing + 1, details }] }
  },
  lower: ({ inputs, output }) => [
    { op: 'add', attrs: {}, from: inputs.map((_, input) => ({ input })), weights: {}, output },
  ],
  palette: { group: 'merge', icon: 'Plus' },
})
