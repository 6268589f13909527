import { newProject } from '../project/newProject'
import type { Pair } from '../ops'
import { adam } from './adam'
import { GraphBuilder, poolParams, shrunk, stemKernel, stemStride } from './graphBuilder'
import type { Template } from './template'

/** Four ways to look at one map, side by side, their channels joined: 1×1, 3×3, 5×5 and pooling. `4 · width` channels. */
function inception(build: GraphBuilder, width: number): void {
  const start = build.last
  const conv = { padding: 'same', activation: 'relu' }
  const one = build.add('conv2d', { filters: width, kernelSize: 1, activation: 'relu' }, start)
  build.onLane(1)
  build.add('conv2d', { filters: width, kernelSize: 1, activation: 'relu' }, start)
  const three = build.add('conv2d', { ...conv, filters: width, kernelSize: 3 })
  build.onLane(2)
  build.add('conv2d', { filters: width / 2, kernelSize: 1, activation: 'relu' }, start)
  const five = build.add('conv2d', { ...conv, filters: width, kernelSize: 5 })
  build.onLane(3)
  build.add('maxPool2d', { poolSize: 3, strides: 1, padding: 'same' }, start)
  const pooled = build.add('conv2d', { filters: width, kernelSize: 1, activation: 'relu' })
  build.onLane(0)
  build.add('concat', {}, [one, three, five, pooled])
}

/** Parallel windows as in Szegedy et al. 2015, "Going deeper with convolutions", with batch normalisation. */
export const inceptionLike: Template = {
  name: 'inception-like',
  title: 'Inception-like',
  description:
    'Windows of several sizes look at the same map side by side, and their channels are joined (concat).\nThe network chooses itself which size of window serves best.',
  build({ input, classes }) {
    const build = new GraphBuilder(input)
    let map: Pair = [input[0], input[1]]
    const stride = stemStride(map)
    const stem = { filters: 32, kernelSize: stemKernel(stride), ...(stride > 1 ? { strides: stride } : {}) }
    build.add('conv2d', { ...stem, padding: 'same', activation: 'relu' })
    map = shrunk(map, stride)
    for (let width = 16; ; width = Math.min(width * 2, 32)) {
      build.add('maxPool2d', poolParams(map, 2))
      map = shrunk(map, 2)
      build.newRow()
      inception(build, width)
      build.add('batchNorm')
      if (Math.max(...map) <= 8) break
    }
    build.newRow()
    build.add('globalAvgPool2d')
    build.add('dropout', { rate: 0.2 })
    build.add('dense', { units: classes })
    build.add('output')
    return newProject({
      name: 'Inception-like',
      graph: build.graph(),
      training: { epochs: 10, batchSize: 16, optimizer: adam(0.001) },
    })
  },
}
