import { newProject } from '../project/newProject'
import { GraphBuilder, poolParams, shrunk } from './graphBuilder'
import { adam } from './adam'
import type { Pair } from '../ops'
import type { Template } from './template'

/** LeNet-5 as the lecture draws it (LeCun et al. 1998, "Gradient-based learning applied to document recognition"). */
export const lenet: Template = {
  name: 'lenet',
  title: 'LeNet',
  description:
    'Two convolutions with average pooling, then three dense layers: the network that read handwritten digits in 1998.\nSmall and quick, a good first network to train; made for small grey images.',
  build({ input, classes }) {
    const [height, width, channels] = input
    const build = new GraphBuilder(input)
    // 2 as in the original; larger images get larger windows, so that the dense layers keep their size.
    const pool = Math.max(2, Math.round(Math.max(height, width) / 32))
    let map: Pair = [height, width]
    build.add('conv2d', { filters: 6, kernelSize: 5, padding: 'same', activation: 'sigmoid' })
    build.add('avgPool2d', poolParams(map, pool))
    map = shrunk(map, pool)
    const tiny = Math.min(...map) < 8
    build.add('conv2d', {
      filters: 16,
      kernelSize: 5,
      ...(tiny ? { padding: 'same' } : {}),
      activation: 'sigmoid',
    })
    if (!tiny) map = [map[0] - 4, map[1] - 4]
    build.add('avgPool2d', poolParams(map, pool))
    build.newRow()
    build.add('flatten')
    build.add('dense', { units: 120, activation: 'sigmoid' })
    build.add('dense', { units: 84, activation: 'sigmoid' })
    build.add('dense', { units: classes })
    build.add('output')
    const digits = height === 28 && width === 28 && channels === 1 && classes === 10
    return newProject({
      name: 'LeNet',
      graph: build.graph(),
      data: { source: digits ? 'sample:digits' : null },
      training: { epochs: 10, batchSize: 32, optimizer: adam(0.005) },
    })
  },
}
