import { newProject } from '../project/newProject'
import { defaultOptimizer } from '../training/settings'
import { graphBuilder } from './graphBuilder'
import type { Template } from './template'

/** LeNet-5 as the lecture draws it (LeCun et al. 1998, "Gradient-based learning applied to document recognition"). */
export const lenet: Template = {
  name: 'lenet',
  title: 'LeNet',
  description:
    'Two convolutions with average pooling, then three dense layers: the network that read handwritten digits in 1998.\nSmall and quick, a good first network to train; made for small grey images.',
  build({ input: [height, width, channels], classes }) {
    const build = graphBuilder()
    const pool = Math.max(2, Math.ceil(Math.max(height, width) / 64))
    build.add('input', { height, width, channels })
    build.add('conv2d', { filters: 6, kernelSize: 5, padding: 'same', activation: 'sigmoid' })
    build.add('avgPool2d', { poolSize: pool })
    build.add('conv2d', { filters: 16, kernelSize: 5, activation: 'sigmoid' })
    build.add('avgPool2d', { poolSize: pool })
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
      training: { epochs: 10, batchSize: 32, optimizer: { ...defaultOptimizer, learningRate: 0.005 } },
    })
  },
}
