import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { AnyBlockDefinition, ParamSpecs, ParamsOf } from '#shared/blocks/defineBlock'
import { blockDefinition, blockDefinitions } from '#shared/blocks/index'
import { checkParams, defaultParams } from '#shared/blocks/paramValues'
import type { BlockParams } from '#shared/graph/types'
import { shapeSize } from '#shared/layout/shapeText'
import { opWeightNames, type Shape } from '#shared/ops'

function definitionOf(type: string): AnyBlockDefinition {
  const definition = blockDefinition(type)
  if (definition === undefined) throw new Error(`no block ${type}`)
  return definition
}

/** A block on given shapes: output, weights and operations. */
function evaluate(type: string, inputs: readonly Shape[], params: BlockParams = {}) {
  const definition = definitionOf(type)
  const { values, problems } = checkParams(definition, params)
  expect(problems).toEqual([])
  const typed = values as ParamsOf<ParamSpecs>
  const { output } = definition.inferShape({ blockId: 'b', params: typed, inputs })
  if (output === null) throw new Error(`${type} does not fit`)
  const context = { params: typed, inputs, output }
  const weights = definition.weights?.(context) ?? []
  return {
    output,
    weights,
    params: weights.reduce((sum, weight) => sum + shapeSize(weight.shape), 0),
    formula: definition.weightsFormula?.(context),
    macs: definition.macs?.(context) ?? 0,
    ops: definition.lower(context),
  }
}

/** Inputs and settings with which every block fits. */
const examples: readonly (readonly [string, readonly Shape[], BlockParams])[] = [
  ['input', [], {}],
  ['output', [[10]], {}],
  ['conv2d', [[9, 8, 6]], { filters: 4, groups: 2, activation: 'relu' }],
  ['conv2d', [[9, 8, 6]], { useBias: false, padding: 'same', activation: 'softmax' }],
  ['maxPool2d', [[8, 8, 3]], {}],
  ['avgPool2d', [[7, 9, 3]], { poolSize: [1, 3], strides: 2, padding: 'same' }],
  ['globalAvgPool2d', [[7, 9, 3]], {}],
  ['activation', [[7, 9, 3]], { kind: 'leakyRelu' }],
  ['activation', [[12]], { kind: 'softmax' }],
  ['batchNorm', [[7, 9, 3]], {}],
  ['batchNorm', [[5]], { trainable: false }],
  ['dropout', [[7, 9, 3]], {}],
  ['flatten', [[7, 9, 3]], {}],
  ['dense', [[12]], { activation: 'sigmoid' }],
  ['dense', [[12]], { useBias: false }],
  ['zeroPad2d', [[7, 9, 3]], {}],
  ['crop2d', [[7, 9, 3]], { cropping: [1, 2, 0, 3] }],
  ['add', [[7, 9, 3], [7, 9, 3], [7, 9, 3]], {}], // prettier-ignore
  ['concat', [[7, 9, 3], [7, 9, 5]], {}], // prettier-ignore
]

test('the list has the blocks of the design, each once', () => {
  expect(blockDefinitions.map(({ type }) => type).sort()).toEqual([
    'activation', 'add', 'avgPool2d', 'batchNorm', 'concat', 'conv2d', 'crop2d', 'dense', 'dropout', 'flatten', 'globalAvgPool2d',
    'input', 'maxPool2d', 'output', 'zeroPad2d',
  ]) // prettier-ignore
  expect(new Set(examples.map(([type]) => type)).size).toBe(blockDefinitions.length)
})

describe.each(blockDefinitions.map((definition) => [definition.type, definition] as const))(
  '%s',
  (_, definition) => {
    test('has words for people and settings whose defaults are valid', () => {
      expect(definition.label).not.toBe('')
      expect(definition.description).toMatch(/\.$/)
      for (const spec of Object.values(definition.params)) {
        expect(spec.label).not.toBe('')
        expect(spec.help).toMatch(/\.$/)
      }
      expect(checkParams(definition, defaultParams(definition)).problems).toEqual([])
    })

    test('has an icon that the icon set knows', () => {
      const icons = readFileSync(
        new URL('../../../node_modules/@lucide/vue/dist/lucide-vue.d.ts', import.meta.url),
        'utf8',
      )
      expect(icons).toMatch(new RegExp(`\\b${definition.palette.icon}\\b`))
    })
  },
)

describe.each(examples)('%s on %j with %j', (type, inputs, params) => {
  test('lowers to operations that end in its output and use all its weights', () => {
    const { output, weights, ops } = evaluate(type, inputs, params)
    if (type === 'input' || type === 'output') return expect(ops).toEqual([])
    expect(ops.at(-1)?.output).toEqual(output)
    const used = ops.flatMap((op) => Object.values(op.weights))
    expect([...used].sort()).toEqual(weights.map(({ name }) => name).sort())
    ops.forEach((op, i) => {
      expect(opWeightNames[op.op]).toEqual(expect.arrayContaining(Object.keys(op.weights)))
      for (const source of op.from) {
        if ('op' in source) expect(source.op).toBeLessThan(i)
        else expect(source.input).toBeLessThan(inputs.length)
      }
    })
    for (const weight of weights) {
      if (weight.initialiser === 'glorotUniform')
        expect((weight.fanIn ?? 0) * (weight.fanOut ?? 0)).toBeGreaterThan(0)
    }
  })
})

describe('numbers worked by hand', () => {
  test('convolution: kh·kw·(C/groups)·F + F weights, one multiply-add per weight and place', () => {
    // The lecture's first lego: 3×3×3 with 5 filters on 32×32×3.
    const first = evaluate('conv2d', [[32, 32, 3]], { filters: 5 })
    expect(first).toMatchObject({
      output: [30, 30, 5],
      params: 140,
      formula: '3·3·3·5 + 5',
      macs: 30 * 30 * 135,
    })
    const grouped = evaluate('conv2d', [[10, 10, 6]], {
      filters: 9,
      groups: 3,
      kernelSize: [1, 5],
      useBias: false,
    })
    expect(grouped).toMatchObject({
      output: [10, 6, 9],
      params: 1 * 5 * 2 * 9,
      formula: '1·5·(6/3)·9',
      macs: 60 * 90,
    })
    expect(grouped.weights).toEqual([
      {
        name: 'kernel',
        shape: [1, 5, 2, 9],
        trainable: true,
        initialiser: 'glorotUniform',
        fanIn: 10,
        fanOut: 45,
      },
    ])
  })

  test('padded cells count as multiply-adds', () => {
    expect(evaluate('conv2d', [[28, 28, 1]], { filters: 6, kernelSize: 5, padding: 'same' }).macs).toBe(
      117_600,
    )
  })

  test('same padding lowers to four numbers, the smaller half first', () => {
    const { ops } = evaluate('conv2d', [[6, 7, 1]], {
      kernelSize: 2,
      strides: 1,
      padding: 'same',
      activation: 'elu',
    })
    expect(ops).toEqual([
      {
        op: 'conv2d',
        attrs: {
          kernelSize: [2, 2],
          strides: [1, 1],
          padding: [0, 1, 0, 1],
          dilation: [1, 1],
          groups: 1,
          filters: 16,
          useBias: true,
        },
        from: [{ input: 0 }],
        weights: { kernel: 'kernel', bias: 'bias' },
        output: [6, 7, 16],
      },
      {
        op: 'activation',
        attrs: { kind: 'elu', alpha: 1 },
        from: [{ op: 0 }],
        weights: {},
        output: [6, 7, 16],
      },
    ])
  })

  test('pooling: the stride is the pool size unless it is given; channels stay', () => {
    expect(evaluate('maxPool2d', [[9, 9, 4]], { poolSize: 3 }).output).toEqual([3, 3, 4])
    expect(evaluate('maxPool2d', [[9, 9, 4]], { poolSize: 3, strides: 2 }).output).toEqual([4, 4, 4])
    expect(evaluate('avgPool2d', [[8, 6, 4]], { poolSize: [2, 3] }).ops[0]?.attrs).toEqual({
      poolSize: [2, 3],
      strides: [2, 3],
      padding: [0, 0, 0, 0],
    })
  })

  test('dense: n·u + u, and the lecture’s 1 Mpixel with 1,000 neurons', () => {
    expect(evaluate('dense', [[400]], { units: 120 })).toMatchObject({
      params: 48_120,
      macs: 48_000,
      formula: '400·120 + 120',
    })
    expect(evaluate('dense', [[1_000_000]], { units: 1000, useBias: false }).params).toBe(1e9)
  })

  test('batch normalisation: 4·C, half of it trained; frozen: none', () => {
    const weights = (trainable: boolean) => evaluate('batchNorm', [[4, 4, 7]], { trainable }).weights
    expect(weights(true).map(({ name, shape, trainable }) => [name, shape, trainable])).toEqual([
      ['gamma', [7], true],
      ['beta', [7], true],
      ['movingMean', [7], false],
      ['movingVariance', [7], false],
    ])
    expect(weights(false).some(({ trainable }) => trainable)).toBe(false)
    expect(evaluate('batchNorm', [[7]], { trainable: false }).ops[0]?.attrs).toMatchObject({ frozen: true })
  })

  test('shape blocks: flatten, zero padding, concat, global pooling', () => {
    expect(evaluate('flatten', [[5, 5, 16]]).output).toEqual([400])
    expect(evaluate('zeroPad2d', [[5, 6, 2]], { padding: [1, 2, 3, 4] }).output).toEqual([8, 13, 2])
    expect(evaluate('crop2d', [[8, 13, 2]], { cropping: [1, 2, 3, 4] }).output).toEqual([5, 6, 2])
    expect(evaluate('concat', [[5, 5, 2], [5, 5, 3], [5, 5, 4]]).output).toEqual([5, 5, 9]) // prettier-ignore
    expect(evaluate('concat', [[5], [7]]).output).toEqual([12])
    expect(evaluate('globalAvgPool2d', [[5, 5, 16]]).output).toEqual([16])
  })

  test('the number of an activation goes with its function only', () => {
    const alpha = (params: BlockParams) => evaluate('activation', [[4]], params).ops[0]?.attrs
    expect(alpha({ kind: 'leakyRelu', slope: 0.2, alpha: 3 })).toEqual({ kind: 'leakyRelu', alpha: 0.2 })
    expect(alpha({ kind: 'elu', slope: 0.2, alpha: 3 })).toEqual({ kind: 'elu', alpha: 3 })
    expect(alpha({ kind: 'softplus' })).toEqual({ kind: 'softplus', alpha: 1 })
    expect(alpha({ kind: 'tanh', slope: 0.2 })).toEqual({ kind: 'tanh', alpha: 0 })
  })

  test('summaries name what matters', () => {
    const summary = (type: string, params: BlockParams = {}) => {
      const definition = definitionOf(type)
      return definition.summary?.(checkParams(definition, params).values as ParamsOf<ParamSpecs>)
    }
    expect(summary('conv2d', { kernelSize: 5, filters: 6, padding: 'same', activation: 'relu' })).toBe(
      '5×5, 6 filters, same, ReLU',
    )
    expect(summary('conv2d', { filters: 1, strides: [2, 1], groups: 1 })).toBe('3×3, 1 filter, stride 2×1')
    expect(summary('maxPool2d', { strides: 1 })).toBe('2×2, stride 1')
    expect(summary('dense', { units: 84, activation: 'sigmoid' })).toBe('84 units, Sigmoid')
  })
})

describe('settings', () => {
  const problem = (type: string, params: BlockParams) => checkParams(definitionOf(type), params).problems

  test.each([
    [
      'conv2d',
      { kernelSize: 'big' },
      'kernelSize',
      'an integer from 1 to 1024, or [vertical, horizontal] of two such',
      '"big"',
    ],
    [
      'conv2d',
      { kernelSize: [3] },
      'kernelSize',
      'an integer from 1 to 1024, or [vertical, horizontal] of two such',
      '[3]',
    ],
    ['conv2d', { filters: 0 }, 'filters', 'an integer from 1 to 65536', '0'],
    ['conv2d', { filters: 2.5 }, 'filters', 'an integer from 1 to 65536', '2.5'],
    ['conv2d', { filters: NaN }, 'filters', 'an integer from 1 to 65536', 'NaN'],
    [
      'conv2d',
      { padding: 'full' },
      'padding',
      '"valid", "same", or [top, bottom, left, right] with integers from 0 to 1024',
      '"full"',
    ],
    [
      'conv2d',
      { strides: null },
      'strides',
      'an integer from 1 to 1024, or [vertical, horizontal] of two such',
      'null',
    ],
    ['conv2d', { useBias: 'yes' }, 'useBias', 'true or false', '"yes"'],
    [
      'zeroPad2d',
      { padding: 'same' },
      'padding',
      '[top, bottom, left, right] with integers from 0 to 1024',
      '"same"',
    ],
    [
      'zeroPad2d',
      { padding: [1, 1, 1, -1] },
      'padding',
      '[top, bottom, left, right] with integers from 0 to 1024',
      '[1,1,1,-1]',
    ],
    [
      'maxPool2d',
      { strides: 0 },
      'strides',
      'an integer from 1 to 1024, or [vertical, horizontal] of two such, or null',
      '0',
    ],
    ['dropout', { rate: 1 }, 'rate', 'a number at least 0 and below 1', '1'],
    ['batchNorm', { epsilon: 0 }, 'epsilon', 'a number above 0 and at most 1', '0'],
    [
      'activation',
      { kind: 'swish' },
      'kind',
      'one of relu, leakyRelu, elu, gelu, sigmoid, tanh, softplus, softmax',
      '"swish"',
    ],
    ['flatten', { order: 'C' }, 'order', 'no settings', 'the unknown setting "order"'],
    ['flatten', { toString: 1 }, 'toString', 'no settings', 'the unknown setting "toString"'],
  ] as const)('%s with %j is refused', (type, params, setting, expected, found) => {
    expect(problem(type, params)).toEqual([{ setting, expected, found }])
  })

  test('defaults are filled in and equal pairs become one number', () => {
    expect(checkParams(definitionOf('maxPool2d'), { poolSize: [3, 3] }).values).toEqual({
      poolSize: 3,
      strides: null,
      padding: 'valid',
    })
    expect(checkParams(definitionOf('conv2d'), { kernelSize: [3, 5] }).values['kernelSize']).toEqual([3, 5])
  })

  test('slope, alpha and beta show only for their functions', () => {
    const { params } = definitionOf('activation')
    const shown = (kind: string) =>
      Object.entries(params).flatMap(([name, spec]) => (spec.visible?.({ kind }) === false ? [] : [name]))
    expect(shown('relu')).toEqual(['kind'])
    expect(shown('leakyRelu')).toEqual(['kind', 'slope'])
    expect(shown('elu')).toEqual(['kind', 'alpha'])
    expect(shown('softplus')).toEqual(['kind', 'beta'])
  })
})
