import { describe, expect, it } from 'vitest'
import { blockDefinition } from '#shared/blocks/index'
import { readTypedSettings } from '../../src-renderer/canvas/typedSettings'

const read = (type: string, text: string) =>
  readTypedSettings(blockDefinition(type)!, text.split(' ').filter(Boolean))

describe('settings typed behind a name', () => {
  it('are numbers in the order of the inspector, and words', () => {
    expect(read('conv2d', '')).toEqual({})
    expect(read('conv2d', '32 5 2')).toEqual({ filters: 32, kernelSize: 5, strides: 2 })
    expect(read('conv2d', '5x3 32 same relu nobias')).toEqual({
      filters: 32,
      kernelSize: [5, 3],
      padding: 'same',
      activation: 'relu',
      useBias: false,
    })
    expect(read('maxPool2d', '3 /1 same')).toEqual({ poolSize: 3, strides: 1, padding: 'same' })
    expect(read('dense', '120 sigmoid')).toEqual({ units: 120, activation: 'sigmoid' })
    expect(read('dropout', '0.3')).toEqual({ rate: 0.3 })
    expect(read('input', '32×32×3')).toEqual({ height: 32, width: 32, channels: 3 })
    expect(read('activation', 'leakyrelu')).toEqual({ kind: 'leakyRelu' })
  })

  it('are refused where a word means nothing to the block, or is out of range', () => {
    expect(read('conv2d', '0')).toBeNull()
    expect(read('conv2d', 'banana')).toBeNull()
    expect(read('conv2d', 'same same')).toBeNull()
    expect(read('flatten', '3')).toBeNull()
    expect(read('dropout', '2')).toBeNull()
    expect(read('dense', '3.5')).toBeNull()
    expect(read('dense', 'same')).toBeNull()
  })
})
