import { newProject } from '../project/newProject'
import { adam } from './adam'
import { GraphBuilder, poolParams } from './graphBuilder'
import type { Template } from './template'

export const mlp: Template = {
  name: 'mlp',
  title: 'Dense layers only',
  description:
    'No convolution: every neuron sees every pixel with a weight of its own.\nShows how quickly the weights add up and what is lost without weight sharing; compare it with LeNet.',
  build({ input, classes }) {
    const [height, width] = input
    const build = new GraphBuilder(input)
    // One weight per pixel and neuron: images are first made small enough for that.
    const shrink = Math.ceil(Math.max(height, width) / 32)
    if (shrink > 1) build.add('avgPool2d', poolParams([height, width], shrink))
    build.add('flatten')
    build.add('dense', { units: 128, activation: 'relu' })
    build.add('dense', { units: 64, activation: 'relu' })
    build.add('dense', { units: classes })
    build.add('output')
    return newProject({
      name: 'Dense layers only',
      graph: build.graph(),
      training: { epochs: 10, batchSize: 32, optimizer: adam(0.001) },
    })
  },
}
