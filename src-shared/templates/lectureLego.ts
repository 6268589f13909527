import { newProject } from '../project/newProject'
import type { Pair } from '../ops'
import { adam } from './adam'
import { GraphBuilder, poolParams, shrunk } from './graphBuilder'
import type { Template } from './template'

/** A 3×3 convolution without padding while the map is large enough, as the lecture counts it; with padding below. */
function convolve(build: GraphBuilder, map: Pair, filters: number): Pair {
  const shrinks = Math.min(...map) >= 5
  const padding = shrinks ? {} : { padding: 'same' }
  build.add('conv2d', { filters, kernelSize: 3, ...padding, activation: 'relu' })
  return shrinks ? [map[0] - 2, map[1] - 2] : map
}

/** The lecture's lego example: 5 filters, 10 filters, … down to a 2×2×40 map, 1,000 filters over all of it, then an MLP. */
export const lectureLego: Template = {
  name: 'lecture-lego',
  title: 'Lego of the lecture',
  description:
    'Convolution with 5 filters, then 10, and so on down to a 2×2×40 map, which 1,000 filters of 2×2 turn into one long vector.\nShows that a dense layer is a convolution whose window covers the whole map.',
  build({ input, classes }) {
    const build = new GraphBuilder(input)
    let map: Pair = [input[0], input[1]]
    map = convolve(build, map, 5)
    map = convolve(build, map, 10)
    let filters = 10
    while (Math.max(...map) > 5 || filters < 40) {
      // Large images are pooled by more at once, so that the network stays short.
      const pool = Math.min(Math.max(2, Math.round(Math.max(...map) / 40)), Math.max(1, Math.max(...map) - 2))
      if (pool > 1) {
        build.add('maxPool2d', poolParams(map, pool))
        map = shrunk(map, pool)
        build.newRow()
      }
      filters = Math.min(filters * 2, 40)
      map = convolve(build, map, filters)
    }
    const last: Pair = [Math.ceil(map[0] / 2), Math.ceil(map[1] / 2)]
    if (last[0] > 1 || last[1] > 1) {
      build.add('maxPool2d', poolParams(map, last[0] === last[1] ? last[0] : last))
      map = shrunk(map, last)
    }
    build.newRow()
    const kernelSize = map[0] === map[1] ? map[0] : map
    build.add('conv2d', { filters: 1000, kernelSize, activation: 'relu' })
    build.add('flatten')
    build.add('dense', { units: 100, activation: 'relu' })
    build.add('dense', { units: classes })
    build.add('output')
    return newProject({
      name: 'Lego of the lecture',
      graph: build.graph(),
      training: { epochs: 10, batchSize: 32, optimizer: adam(0.001) },
    })
  },
}
