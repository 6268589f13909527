import { describe, expect, test } from 'vitest'
import { canConnect } from '#shared/graph/canConnect'
import { graph, input } from './network'

const network = graph(
  [
    input(8),
    'conv:conv2d',
    ['same:conv2d', { padding: 'same' }],
    'flatten',
    'dense',
    'output',
    'add',
    'pool:maxPool2d',
    ['bad:maxPool2d', { poolSize: 0 }],
  ],
  [['input', 'conv'], ['input', 'same'], ['conv', 'flatten'], ['flatten', 'output'], ['conv', 'add', 0]], // prettier-ignore
)
const ask = (from: string, to: string, number?: number) =>
  canConnect(network, number === undefined ? { from, to } : { from, to, input: number })

describe('canConnect', () => {
  test('what fits', () => {
    expect(ask('flatten', 'dense')).toEqual({ fits: true, impossible: false, reason: null, replaces: null })
    expect(ask('conv', 'pool').fits).toBe(true)
  })

  test('what does not fit by its size says why, but can be drawn', () => {
    expect(ask('conv', 'dense')).toEqual({
      fits: false,
      impossible: false,
      reason:
        'Dense needs a vector, but a 6×6×16 map arrives. Insert a flatten block (576 numbers) before it.',
      replaces: null,
    })
    expect(ask('flatten', 'pool').reason).toBe(
      'Max pooling works on a map (height × width × channels), but a vector of 576 arrives.',
    )
    expect(ask('same', 'add').reason).toBe(
      'Add needs inputs of equal size, but these arrive: 6×6×16, 8×8×16.',
    )
  })

  test('one input: the new connection takes the place of the old', () => {
    expect(ask('same', 'flatten')).toMatchObject({ fits: true, replaces: { from: 'conv', to: 'flatten' } })
  })

  test('a merge takes the next input, or the one that is asked for', () => {
    expect(ask('same', 'add', 0)).toMatchObject({
      fits: true,
      replaces: { from: 'conv', to: 'add', input: 0 },
    })
    expect(ask('conv', 'add', 1)).toMatchObject({ fits: true, replaces: null })
  })

  test('while sizes are unknown nothing speaks against it', () => {
    expect(ask('dense', 'output')).toMatchObject({ fits: true, replaces: { from: 'flatten', to: 'output' } })
    expect(ask('bad', 'dense').fits).toBe(true)
  })

  test.each([
    ['output', 'dense', 'Nothing comes out of an output block.'],
    ['conv', 'input', 'Nothing goes into an input block.'],
    ['conv', 'conv', 'A block cannot feed itself.'],
    ['flatten', 'conv', 'This would make a circle: data must flow from input to output.'],
    ['conv', 'flatten', 'These two are connected already.'],
    ['ghost', 'dense', 'There is no block ghost.'],
    ['dense', 'ghost', 'There is no block ghost.'],
  ])('%s → %s is impossible', (from, to, reason) => {
    expect(ask(from, to)).toEqual({ fits: false, impossible: true, reason, replaces: null })
  })
})
