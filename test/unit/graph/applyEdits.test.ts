import { describe, expect, test } from 'vitest'
import { applyEdits, nextMergeInput } from '#shared/graph/applyEdits'
import { inferShapes } from '#shared/graph/inferShapes'
import { uniqueBlockId } from '#shared/graph/uniqueBlockId'
import { chain, graph, input } from './network'

const three = graph(
  [input(4), 'a:activation', 'b:activation', 'c:activation', 'add', 'output'],
  [['input', 'a'], ['input', 'b'], ['input', 'c'], ['a', 'add', 0], ['b', 'add', 1], ['c', 'add', 2], ['add', 'output']], // prettier-ignore
)
const intoAdd = (edited: typeof three) =>
  edited.connections.filter(({ to }) => to === 'add').map(({ from, input }) => [from, input])

describe('setParams', () => {
  test('merges, and undefined removes', () => {
    const network = chain(['conv2d', { filters: 3, kernelSize: 5 }])
    const edited = applyEdits(network, [
      { kind: 'setParams', blockId: 'conv2d', params: { kernelSize: undefined, strides: 2 } },
    ])
    expect(edited.blocks[0]?.params).toEqual({ filters: 3, strides: 2 })
    expect(network.blocks[0]?.params).toEqual({ filters: 3, kernelSize: 5 })
  })
})

describe('insertBlock', () => {
  const place = (id: string, x: number) => ({
    id,
    type: 'activation',
    params: {},
    position: [x, 40] as const,
  })

  test('goes between the ends, halfway, and keeps the input number of a merge', () => {
    const edited = applyEdits(three, [
      {
        kind: 'insertBlock',
        block: { id: 'new', type: 'batchNorm', params: {} },
        on: { from: 'b', to: 'add', input: 1 },
      },
    ])
    expect(intoAdd(edited)).toEqual([['a', 0], ['new', 1], ['c', 2]]) // prettier-ignore
    expect(edited.connections).toContainEqual({ from: 'b', to: 'new' })
    expect(inferShapes(edited).blocks.map(({ id }) => id)).toContain('new')
    const placed = {
      ...three,
      blocks: [place('a', 0), place('b', 241)],
      connections: [{ from: 'a', to: 'b' }],
    }
    const halfway = applyEdits(placed, [
      { kind: 'insertBlock', block: { id: 'x', type: 'dropout', params: {} }, on: { from: 'a', to: 'b' } },
    ])
    expect(halfway.blocks.at(-1)?.position).toEqual([121, 40])
  })

  test('a merge put into a connection takes it as its first input', () => {
    const edited = applyEdits(chain(input(4), 'flatten', 'output'), [
      {
        kind: 'insertBlock',
        block: { id: 'm', type: 'concat', params: {} },
        on: { from: 'input', to: 'flatten' },
      },
    ])
    expect(edited.connections).toContainEqual({ from: 'input', to: 'm', input: 0 })
  })

  test('where the connection is gone, the block is added loose', () => {
    const edited = applyEdits(chain(input(4), 'output'), [
      {
        kind: 'insertBlock',
        block: { id: 'x', type: 'flatten', params: {} },
        on: { from: 'output', to: 'input' },
      },
    ])
    expect(edited.blocks.map(({ id }) => id)).toEqual(['input', 'output', 'x'])
    expect(edited.connections).toEqual([{ from: 'input', to: 'output' }])
  })
})

describe('removeBlock', () => {
  test('with reconnect joins its source to all that followed', () => {
    const network = graph(
      [input(4), 'a:activation', 'b:activation', 'c:activation'],
      [['input', 'a'], ['a', 'b'], ['a', 'c']], // prettier-ignore
    )
    expect(applyEdits(network, [{ kind: 'removeBlock', blockId: 'a', reconnect: true }]).connections).toEqual(
      [
        { from: 'input', to: 'b' },
        { from: 'input', to: 'c' },
      ],
    )
    expect(
      applyEdits(network, [{ kind: 'removeBlock', blockId: 'a', reconnect: false }]).connections,
    ).toEqual([])
  })

  test('before a merge: reconnected in its place, or the rest closes up', () => {
    expect(intoAdd(applyEdits(three, [{ kind: 'removeBlock', blockId: 'b', reconnect: true }]))).toEqual([
      ['a', 0],
      ['input', 1],
      ['c', 2], // prettier-ignore
    ])
    expect(intoAdd(applyEdits(three, [{ kind: 'removeBlock', blockId: 'b', reconnect: false }]))).toEqual([
      ['a', 0],
      ['c', 1], // prettier-ignore
    ])
  })

  test('a merge is bridged from its first input', () => {
    const edited = applyEdits(three, [{ kind: 'removeBlock', blockId: 'add', reconnect: true }])
    expect(edited.connections).toContainEqual({ from: 'a', to: 'output' })
    expect(edited.connections).toHaveLength(4)
  })

  test('leaves groups, and empty groups go', () => {
    const grouped = {
      ...three,
      groups: [
        { id: 'g', name: 'arms', blocks: ['a', 'b'], collapsed: false },
        { id: 'h', name: 'one', blocks: ['b'], collapsed: true },
      ],
    }
    const edited = applyEdits(grouped, [{ kind: 'removeBlock', blockId: 'b', reconnect: true }])
    expect(edited.groups).toEqual([{ id: 'g', name: 'arms', blocks: ['a'], collapsed: false }])
  })
})

describe('connect and disconnect', () => {
  test('a merge gets the next number, others none', () => {
    expect(nextMergeInput(three, 'add')).toBe(3)
    const edited = applyEdits(three, [
      { kind: 'connect', connection: { from: 'input', to: 'add' } },
      { kind: 'connect', connection: { from: 'a', to: 'output', input: 4 } },
    ])
    expect(edited.connections.slice(-2)).toEqual([
      { from: 'input', to: 'add', input: 3 },
      { from: 'a', to: 'output' },
    ])
  })

  test('inputs close up, in their order', () => {
    const edited = applyEdits(three, [{ kind: 'disconnect', connection: { from: 'a', to: 'add', input: 0 } }])
    expect(intoAdd(edited)).toEqual([['b', 0], ['c', 1]]) // prettier-ignore
  })

  test('what is not there changes nothing', () => {
    const edited = applyEdits(three, [
      { kind: 'disconnect', connection: { from: 'a', to: 'add', input: 2 } },
      { kind: 'setParams', blockId: 'ghost', params: { x: 1 } },
      { kind: 'removeBlock', blockId: 'ghost', reconnect: true },
    ])
    expect(edited).toEqual(three)
  })
})

test('ids are short and free', () => {
  const taken = [{ id: 'conv2d_1' }, { id: 'conv2d_3' }, { id: 'input' }]
  expect(uniqueBlockId('conv2d', taken)).toBe('conv2d_2')
  expect(uniqueBlockId('dense', taken)).toBe('dense_1')
  expect(uniqueBlockId('output', taken)).toBe('output')
  expect(uniqueBlockId('input', taken)).toBe('input_1')
})
