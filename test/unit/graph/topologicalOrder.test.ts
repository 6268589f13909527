import { describe, expect, test } from 'vitest'
import { topologicalOrder } from '#shared/graph/topologicalOrder'
import { graph } from './network'

const a = (id: string) => `${id}:activation`

describe('topologicalOrder', () => {
  test('sources first; inputs of a merge in their order', () => {
    const network = graph(
      ['output', 'add', a('right'), a('left'), 'input'],
      [['input', 'left'], ['input', 'right'], ['right', 'add', 1], ['left', 'add', 0], ['add', 'output']], // prettier-ignore
    )
    expect(topologicalOrder(network)).toEqual({
      order: ['input', 'left', 'right', 'add', 'output'],
      cycles: [],
    })
  })

  test('loose blocks come too', () => {
    expect(topologicalOrder(graph(['output', a('x'), a('y')], [['y', 'x']])).order).toEqual([
      'output',
      'y',
      'x',
    ])
  })

  test('each circle is named by its path, along the data', () => {
    const network = graph(
      [a('x'), a('y'), a('z'), a('self')],
      [['x', 'y'], ['y', 'z'], ['z', 'x'], ['self', 'self']], // prettier-ignore
    )
    const { order, cycles } = topologicalOrder(network)
    expect([...order].sort()).toEqual(['self', 'x', 'y', 'z'])
    expect(cycles.map(({ path }) => path)).toEqual([['y', 'z', 'x'], ['self']])
    expect(cycles.map(({ closing }) => closing)).toEqual([
      { from: 'x', to: 'y' },
      { from: 'self', to: 'self' },
    ])
  })

  test('two circles through one merge are two', () => {
    const network = graph(
      ['add', a('x'), a('y'), 'output'],
      [['add', 'x'], ['add', 'y'], ['x', 'add', 0], ['y', 'add', 1], ['add', 'output']], // prettier-ignore
    )
    expect(topologicalOrder(network).cycles.map(({ path }) => [...path].sort())).toEqual([
      ['add', 'x'],
      ['add', 'y'],
    ])
  })
})
