import { newProject } from '../project/newProject'
import type { Pair } from '../ops'
import { adam } from './adam'
import { GraphBuilder, shrunk, stemKernel, stemStride } from './graphBuilder'
import type { Template } from './template'

/** Two convolutions and a shortcut around them, added. A shortcut that changes size is a 1×1 convolution. */
function residual(build: GraphBuilder, filters: number, stride: number, project: boolean): void {
  const start = build.last
  const plain = { filters, padding: 'same', useBias: false }
  build.add('conv2d', { ...plain, kernelSize: 3, ...(stride > 1 ? { strides: stride } : {}) })
  build.add('batchNorm')
  build.add('activation')
  build.add('conv2d', { ...plain, kernelSize: 3 })
  const branch = build.add('batchNorm')
  let shortcut = start
  if (project) {
    build.onLane(1)
    build.add(
      'conv2d',
      { filters, kernelSize: 1, ...(stride > 1 ? { strides: stride } : {}), useBias: false },
      start,
    )
    shortcut = build.add('batchNorm')
    build.onLane(0)
  }
  build.add('add', {}, [branch, shortcut])
  build.add('activation')
}

/** Residual blocks as in He et al. 2016, "Deep residual learning for image recognition". */
export const resnetSmall: Template = {
  name: 'resnet-small',
  title: 'Small ResNet',
  description:
    'Residual blocks: a shortcut carries the map around two convolutions and is added to their result.\nShortcuts and batch normalisation let deeper networks learn; few weights for what it can do.',
  build({ input, classes }) {
    const build = new GraphBuilder(input)
    let map: Pair = [input[0], input[1]]
    const stride = stemStride(map)
    const stem = { filters: 16, kernelSize: stemKernel(stride), ...(stride > 1 ? { strides: stride } : {}) }
    build.add('conv2d', { ...stem, padding: 'same', useBias: false })
    build.add('batchNorm')
    build.add('activation')
    map = shrunk(map, stride)
    let filters = 16
    build.newRow()
    residual(build, filters, 1, false)
    while (Math.max(...map) > 8) {
      filters = Math.min(filters * 2, 128)
      build.newRow()
      residual(build, filters, 2, true)
      map = shrunk(map, 2)
    }
    build.newRow()
    build.add('globalAvgPool2d')
    build.add('dense', { units: classes })
    build.add('output')
    return newProject({
      name: 'Small ResNet',
      graph: build.graph(),
      training: { epochs: 10, batchSize: 16, optimizer: adam(0.001) },
    })
  },
}
