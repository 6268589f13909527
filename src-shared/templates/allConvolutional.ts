import { newProject } from '../project/newProject'
import type { Pair } from '../ops'
import { adam } from './adam'
import { GraphBuilder, shrunk, stemKernel, stemStride } from './graphBuilder'
import type { Template } from './template'

/** Strides instead of pooling, as in Springenberg et al. 2015, "Striving for simplicity: the all convolutional net". */
export const allConvolutional: Template = {
  name: 'all-convolutional',
  title: 'Convolutions only',
  description:
    'No pooling layers and no dense layers: strides make the maps smaller, and a 1×1 convolution makes one map per class.\nThe mean of each such map is the score of its class.',
  build({ input, classes }) {
    const build = new GraphBuilder(input)
    let map: Pair = [input[0], input[1]]
    const stride = stemStride(map)
    const normalised = (params: Record<string, unknown>) => {
      build.add('conv2d', { ...params, padding: 'same', useBias: false })
      build.add('batchNorm')
      build.add('activation')
    }
    normalised({ filters: 32, kernelSize: stemKernel(stride), ...(stride > 1 ? { strides: stride } : {}) })
    map = shrunk(map, stride)
    let filters = 32
    for (let stage = 0; stage === 0 || Math.max(...map) > 8; stage += 1) {
      build.newRow()
      normalised({ filters, kernelSize: 3, strides: 2 })
      map = shrunk(map, 2)
      filters = Math.min(filters * 2, 128)
      normalised({ filters, kernelSize: 3 })
    }
    build.newRow()
    build.add('conv2d', { filters: classes, kernelSize: 1 })
    build.add('globalAvgPool2d')
    build.add('output')
    return newProject({
      name: 'Convolutions only',
      graph: build.graph(),
      training: { epochs: 10, batchSize: 16, optimizer: adam(0.001) },
    })
  },
}
