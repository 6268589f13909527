import { defineBlock } from './defineBlock'

const side = { kind: 'integer', default: 28, min: 1, max: 16_384 } as const

export const input = defineBlock({
  type: 'input',
  version: 1,
  label: 'Input',
  description:
    'Where the images enter: height × width pixels with one number per band. All images are brought to this size.',
  params: {
    height: { ...side, label: 'Height', help: 'Rows of pixels of the images the network sees.' },
    width: { ...side, label: 'Width', help: 'Columns of pixels of the images the network sees.' },
    channels: {
      kind: 'integer',
      label: 'Bands',
      help: 'Numbers per pixel: 1 for grey, 3 for red, green and blue, more for multispectral images.',
      default: 1,
      min: 1,
      max: 4096,
    },
  },
  inputs: 'none',
  hasOutput: true,
  inferShape({ params }) {
    return { output: [params.height, params.width, params.channels] }
  },
  lower: () => [],
  palette: { group: 'io', icon: 'Image' },
  summary: (params) => `${params.height}×${params.width}×${params.channels}`,
})
