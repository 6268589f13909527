/** What differs between runs is found, and nothing else is called a difference. */
import { describe, expect, test } from 'vitest'
import { newProject } from '#shared/project/newProject'
import type { Graph } from '#shared/graph/types'
import { compareRuns, type Compared } from '#shared/training/compareRuns'
import { createRun } from '#shared/training/runState'

const graph: Graph = {
  blocks: [
    { id: 'in', type: 'input', params: { height: 8, width: 8, channels: 1 } },
    { id: 'c1', type: 'conv2d', params: { filters: 6, kernelSize: 3 } },
    { id: 'flat', type: 'flatten', params: {} },
    { id: 'd1', type: 'dense', params: { units: 3 } },
    { id: 'out', type: 'output', params: {} },
  ],
  connections: [
    { from: 'in', to: 'c1' },
    { from: 'c1', to: 'flat' },
    { from: 'flat', to: 'd1' },
    { from: 'd1', to: 'out' },
  ],
  groups: [],
  notes: [],
}

function column(id: string, changes: Partial<Parameters<typeof newProject>[0]> = {}, seeds = [1]): Compared {
  const states = seeds.map((seed) => {
    const project = newProject({ name: 'Net', graph, ...changes })
    const training = seeds.length > 1 ? { ...project.training, seed } : project.training
    return createRun({ type: 'created', runId: `${id}-${seed}`, project: { ...project, training }, startedAt: '2026-01-01T00:00:00Z' }) // prettier-ignore
  })
  return { id, name: id, states }
}

describe('two runs', () => {
  test('alike differ in nothing, wherever their blocks lie and whatever is left out', () => {
    const moved: Graph = {
      ...graph,
      blocks: graph.blocks
        .map((block) => ({ ...block, position: [5, 5] as const, name: `my ${block.id}` }))
        .map((block) =>
          block.id === 'c1'
            ? { ...block, params: { ...block.params, kernelSize: [3, 3], strides: 1 } }
            : block,
        )
        .reverse(),
      connections: [...graph.connections].reverse(),
      notes: [{ id: 'n', text: 'why', position: [0, 0] }],
    }
    expect(compareRuns([column('a'), column('b', { graph: moved })])).toEqual([])
  })

  test('settings of training and data, by their place', () => {
    const other = column('b', {
      training: { epochs: 7, optimizer: { type: 'sgd', learningRate: 0.1, momentum: 0.9, nesterov: false, weightDecay: 0 } },
      data: { source: 'sample:digits', bands: ['B4', 'B3'] },
    }) // prettier-ignore
    const found = compareRuns([column('a'), other])
    const at = (kind: string, path: string) =>
      found.find((one) => one.kind === kind && one.path.join('.') === path)?.values
    expect(at('training', 'epochs')).toEqual([10, 7])
    expect(at('training', 'optimizer.type')).toEqual(['adam', 'sgd'])
    expect(at('training', 'optimizer.learningRate')).toEqual([0.005, 0.1])
    expect(at('training', 'optimizer.momentum')).toEqual([undefined, 0.9])
    expect(at('training', 'optimizer.beta1')).toEqual([0.9, undefined])
    expect(at('training', 'optimizer.weightDecay')).toBeUndefined()
    expect(at('data', 'source')).toEqual([null, 'sample:digits'])
    expect(at('data', 'bands')).toEqual([null, ['B4', 'B3']])
    expect(found.some(({ kind }) => kind !== 'training' && kind !== 'data')).toBe(false)
  })

  test('blocks added, removed, of another type or set otherwise, and connections', () => {
    const edited: Graph = {
      ...graph,
      blocks: [
        ...graph.blocks
          .filter(({ id }) => id !== 'flat')
          .map((block) => (block.id === 'c1' ? { ...block, params: { filters: 16, kernelSize: 3 } } : block))
          .map((block) => (block.id === 'd1' ? { ...block, type: 'conv2d', params: { filters: 3 } } : block)),
        { id: 'pool', type: 'globalAvgPool2d', params: {} },
      ],
      connections: [
        { from: 'in', to: 'c1' },
        { from: 'c1', to: 'd1' },
        { from: 'd1', to: 'pool' },
        { from: 'pool', to: 'out', input: 1 },
      ],
    }
    const found = compareRuns([column('a'), column('b', { graph: edited })])
    expect(found).toEqual([
      { kind: 'setting', path: ['c1', 'filters'], values: [6, 16] },
      { kind: 'block', path: ['flat'], values: ['flatten', undefined] },
      { kind: 'block', path: ['d1'], values: ['dense', 'conv2d'] },
      { kind: 'block', path: ['pool'], values: [undefined, 'globalAvgPool2d'] },
      { kind: 'connection', path: ['c1', 'flat'], values: [true, undefined] },
      { kind: 'connection', path: ['flat', 'd1'], values: [true, undefined] },
      { kind: 'connection', path: ['d1', 'out'], values: [true, undefined] },
      { kind: 'connection', path: ['c1', 'd1'], values: [undefined, true] },
      { kind: 'connection', path: ['d1', 'pool'], values: [undefined, true] },
      { kind: 'connection', path: ['pool', 'out', '1'], values: [undefined, true] },
    ])
  })
})

test('of three runs, a setting of a block that one of them lacks', () => {
  const without = { ...graph, blocks: graph.blocks.filter(({ id }) => id !== 'c1') }
  const wide = {
    ...graph,
    blocks: graph.blocks.map((block) => (block.id === 'c1' ? { ...block, params: { filters: 9, kernelSize: 3 } } : block)),
  } // prettier-ignore
  const found = compareRuns([column('a', { graph: without }), column('b'), column('c', { graph: wide })])
  expect(found.slice(0, 2)).toEqual([
    { kind: 'block', path: ['c1'], values: [undefined, 'conv2d', 'conv2d'] },
    { kind: 'setting', path: ['c1', 'filters'], values: [undefined, 6, 9] },
  ])
})

test('the seeds of a series are one value', () => {
  const found = compareRuns([column('a', {}, [1, 2, 3]), column('b', { training: { epochs: 7 } }, [1, 2, 3])])
  expect(found).toEqual([{ kind: 'training', path: ['epochs'], values: [10, 7] }])
  expect(compareRuns([column('a', {}, [1, 2]), column('b')])[0]?.values).toEqual([[1, 2], 1])
})
