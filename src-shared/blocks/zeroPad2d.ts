import { defineBlock } from './defineBlock'
import { isMap, needsMap, onlyInput } from './shapeKinds'
import { fourSides } from './slidingWindow'

export const zeroPad2d = defineBlock({
  type: 'zeroPad2d',
  version: 1,
  label: 'Zero padding',
  description: 'Puts rows and columns of zeros around the map, so that later windows also reach its edge.',
  params: {
    padding: {
      kind: 'padding',
      label: 'Padding',
      help: 'Rows and columns of zeros at the top, bottom, left and right.',
      default: [1, 1, 1, 1],
      modes: [],
      max: 1024,
    },
  },
  inputs: 'one',
  hasOutput: true,
  inferShape({ params, inputs }) {
    const input = onlyInput(inputs)
    if (!isMap(input)) return needsMap('Zero padding', input)
    const [height, width, channels] = input as [number, number, number]
    const [top, bottom, left, right] = fourSides(params.padding)
    return {
      output: [height + top + bottom, width + left + right, channels],
      arithmetic: [
        { label: 'Height', text: `${height} + ${top}+${bottom} = ${height + top + bottom}` },
        { label: 'Width', text: `${width} + ${left}+${right} = ${width + left + right}` },
      ],
    }
  },
  field({ params }) {
    const [top, , left] = fourSides(params.padding)
    return { kind: 'window', effectiveKernel: [1, 1], strides: [1, 1], before: [top, left] }
  },
  lower: ({ params, output }) => [
    {
      op: 'zeroPad2d',
      attrs: { padding: fourSides(params.padding) },
      from: [{ input: 0 }],
      weights: {},
      output,
    },
  ],
  palette: { group: 'shape', icon: 'Frame' },
  summary: (params) => fourSides(params.padding).join(', '),
})
