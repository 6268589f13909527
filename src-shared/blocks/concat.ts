import { shapeText } from '../layout/shapeText'
import { defineBlock } from './defineBlock'
import type { Shape } from '../ops'

/** Equal in everything but the last dimension. */
function joins(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.slice(0, -1).every((n, i) => n === b[i])
}

export const concat = defineBlock({
  type: 'concat',
  version: 1,
  label: 'Concat',
  description:
    'Puts maps of equal height and width behind each other, so that the next block sees the channels of all of them.',
  params: {},
  inputs: 'many',
  hasOutput: true,
  inferShape({ inputs }) {
    const [first = [], ...others] = inputs
    const differing = others.findIndex((shape) => !joins(first, shape))
    if (differing >= 0) {
      const details = {
        type: 'Concat',
        rule: 'maps of equal height and width, or only vectors',
        inputs: inputs.map(shapeText).join(', '),
      }
      return { output: null, issues: [{ code: 'MERGE_SHAPES_DIFFER', input: differing + 1, details }] }
    }
    const lengths = inputs.map((shape) => shape.at(-1) ?? 0)
    const sum = lengths.reduce((total, n) => total + n, 0)
    return {
      output: [...first.slice(0, -1), sum],
      arithmetic: [
        { label: first.length === 3 ? 'Channels' : 'Length', text: `${lengths.join(' + ')} = ${sum}` },
      ],
    }
  },
  lower: ({ inputs, output }) => [
    { op: 'concat', attrs: {}, from: inputs.map((_, input) => ({ input })), weights: {}, output },
  ],
  palette: { group: 'merge', icon: 'Layers' },
})
