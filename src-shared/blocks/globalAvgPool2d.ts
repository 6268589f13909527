import { defineBlock } from './defineBlock'
import { isMap, needsMap, onlyInput } from './shapeKinds'

export const globalAvgPool2d = defineBlock({
  type: 'globalAvgPool2d',
  version: 1,
  label: 'Global average pooling',
  description:
    'Takes the mean of each whole activation map: one number per channel, whatever the size of the map. Needs no weights.',
  params: {},
  inputs: 'one',
  hasOutput: true,
  inferShape({ inputs }) {
    const input = onlyInput(inputs)
    if (!isMap(input)) return needsMap('Global average pooling', input)
    const [height, width, channels] = input as [number, number, number]
    return {
      output: [channels],
      arithmetic: [
        { label: 'Length', text: `${height}×${width}×${channels} → one mean per channel = ${channels}` },
      ],
    }
  },
  field: () => ({ kind: 'whole' }),
  lower: ({ output }) => [{ op: 'globalAvgPool2d', attrs: {}, from: [{ input: 0 }], weights: {}, output }],
  palette: { group: 'pooling', icon: 'Sigma' },
})
