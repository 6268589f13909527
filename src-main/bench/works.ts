/** What the benchmark trains: softmax cross-entropy and Adam at 1e-3 on random images that are in memory already. */
import type { Graph } from '#shared/graph/types'
import { GraphBuilder } from '#shared/templates/graphBuilder'

export interface Work {
  name: string
  batchSize: number
  input: readonly [height: number, width: number, channels: number]
  graph: Graph
}

export const classes = 10

export const adam = {
  type: 'adam',
  learningRate: 1e-3,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
} as const

function lenet(): Work {
  const build = new GraphBuilder([28, 28, 1])
  build.add('conv2d', { filters: 6, kernelSize: 5, padding: 'same', activation: 'sigmoid' })
  build.add('avgPool2d', { poolSize: 2 })
  build.add('conv2d', { filters: 16, kernelSize: 5, activation: 'sigmoid' })
  build.add('avgPool2d', { poolSize: 2 })
  build.add('flatten')
  build.add('dense', { units: 120, activation: 'sigmoid' })
  build.add('dense', { units: 84, activation: 'sigmoid' })
  build.add('dense', { units: classes })
  build.add('output')
  return { name: 'lenet-b64', batchSize: 64, input: [28, 28, 1], graph: build.graph() }
}

function vgg(size: number): Work {
  const build = new GraphBuilder([size, size, 3])
  for (const stage of [[32, 32], [64, 64], [128]]) {
    for (const filters of stage) {
      build.add('conv2d', { filters, kernelSize: 3, padding: 'same', activation: 'relu' })
    }
    build.add('maxPool2d', { poolSize: 2 })
  }
  build.add('flatten')
  build.add('dense', { units: 128, activation: 'relu' })
  build.add('dense', { units: classes })
  build.add('output')
  return { name: `vgg${size}-b32`, batchSize: 32, input: [size, size, 3], graph: build.graph() }
}

export const works: readonly Work[] = [lenet(), vgg(32), vgg(64)]
