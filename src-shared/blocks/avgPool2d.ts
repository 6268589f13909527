import { definePool2d } from './pool2d'

export const avgPool2d = definePool2d({
  type: 'avgPool2d',
  label: 'Average pooling',
  description:
    'Carries over the mean of each window. The map shrinks, and the receptive field of what follows grows.',
  paddingHelp:
    'Cells around the map that do not count: the mean is taken over the real cells. Must be smaller than the pool size.',
  icon: 'Minimize2',
})
