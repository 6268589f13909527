import { definePool2d } from './pool2d'

export const maxPool2d = definePool2d({
  type: 'maxPool2d',
  label: 'Max pooling',
  description:
    'Selects what to carry over: the largest number of each window. The map shrinks, the receptive field of what follows grows, and small shifts of the image matter less.',
  paddingHelp:
    'Cells around the map that are never chosen as the largest. Must be smaller than the pool size.',
  icon: 'Maximize2',
})
