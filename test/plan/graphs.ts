/** Graphs for tests of plans and training, written as people would put them into a file. */
import type { Graph } from '#shared/graph/types'

type BlockEntry = readonly [id: string, type: string, params?: Record<string, unknown>]

/** A chain of blocks, each feeding the next, between an input and an output block. */
export function chain(input: readonly [number, number, number], blocks: readonly BlockEntry[]): Graph {
  const [height, width, channels] = input
  const entries: BlockEntry[] = [['in', 'input', { height, width, channels }], ...blocks, ['out', 'output']]
  return {
    blocks: entries.map(([id, type, params = {}]) => ({ id, type, params })),
    connections: entries.slice(1).map(([id], i) => ({ from: entries[i]![0], to: id })),
    groups: [],
    notes: [],
  }
}

/** The lecture's LeNet: 61,706 parameters. */
export function lenet(): Graph {
  return chain(
    [28, 28, 1],
    [
      ['c1', 'conv2d', { filters: 6, kernelSize: 5, padding: 'same', activation: 'sigmoid' }],
      ['p1', 'avgPool2d'],
      ['c2', 'conv2d', { filters: 16, kernelSize: 5, activation: 'sigmoid' }],
      ['p2', 'avgPool2d'],
      ['flat', 'flatten'],
      ['d1', 'dense', { units: 120, activation: 'sigmoid' }],
      ['d2', 'dense', { units: 84, activation: 'sigmoid' }],
      ['d3', 'dense', { units: 10 }],
    ],
  )
}
