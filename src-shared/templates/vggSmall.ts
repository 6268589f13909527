import { newProject } from '../project/newProject'
import type { Pair } from '../ops'
import { adam } from './adam'
import { GraphBuilder, poolParams, shrunk, stemKernel, stemStride } from './graphBuilder'
import type { Template } from './template'

/** Stacks of 3×3 convolutions as in Simonyan & Zisserman 2015, "Very deep convolutional networks", with batch normalisation. */
export const vggSmall: Template = {
  name: 'vgg-small',
  title: 'Small VGG',
  description:
    'Pairs of 3×3 convolutions, each pair followed by max pooling: two small windows see as far as one 5×5 with fewer weights.\nA solid choice for colour photos and aerial images of a few thousand examples.',
  build({ input, classes }) {
    const build = new GraphBuilder(input)
    let map: Pair = [input[0], input[1]]
    const stride = stemStride(map)
    for (let stage = 0, filters = 32; stage === 0 || Math.max(...map) > 6; stage += 1) {
      if (stage > 0) build.newRow()
      const stem = stage === 0 && stride > 1
      const first = stem ? { kernelSize: stemKernel(stride), strides: stride } : { kernelSize: 3 }
      build.add('conv2d', { filters, ...first, padding: 'same', activation: 'relu' })
      if (stem) map = shrunk(map, stride)
      build.add('conv2d', { filters, kernelSize: 3, padding: 'same', useBias: false })
      build.add('batchNorm')
      build.add('activation')
      build.add('maxPool2d', poolParams(map, 2))
      map = shrunk(map, 2)
      filters = Math.min(filters * 2, 128)
    }
    build.newRow()
    build.add('flatten')
    build.add('dropout', { rate: 0.3 })
    // Without it, the many positive inputs push most of the units below zero for good within the first steps.
    build.add('dense', { units: 128, useBias: false })
    build.add('batchNorm')
    build.add('activation')
    build.add('dense', { units: classes })
    build.add('output')
    return newProject({
      name: 'Small VGG',
      graph: build.graph(),
      training: { epochs: 10, batchSize: 16, optimizer: adam(0.001) },
    })
  },
}
