import { describe, expect, test } from 'vitest'
import { inferShapes } from '#shared/graph/inferShapes'
import type { Graph, ReceptiveField } from '#shared/graph/types'
import { seededRandom } from '../blocks/random'
import { chain, graph, input, type Entry } from './network'

const lenet = chain(
  input(28),
  ['c1:conv2d', { filters: 6, kernelSize: 5, padding: 'same', activation: 'sigmoid' }],
  'p1:avgPool2d',
  ['c2:conv2d', { filters: 16, kernelSize: 5, activation: 'sigmoid' }],
  'p2:avgPool2d',
  'flatten',
  ['d1:dense', { units: 120, activation: 'sigmoid' }],
  ['d2:dense', { units: 84, activation: 'sigmoid' }],
  ['d3:dense', { units: 10 }],
  'output',
)

function fieldOf(network: Graph, id: string): ReceptiveField | null | undefined {
  return inferShapes(network).blocks.find((block) => block.id === id)?.receptiveField
}

describe('LeNet', () => {
  const report = inferShapes(lenet, { classes: 10, bands: 1, colour: false, batchSize: 32 })

  test('has no issue, 61,706 parameters and 416,520 multiply-adds', () => {
    expect(report.issues).toEqual([])
    expect(report.fits).toBe(true)
    expect(report.totals).toEqual({ params: 61_706, trainable: 61_706, macs: 416_520 })
  })

  test('block by block', () => {
    expect(report.blocks.map(({ id, output, params, macs }) => [id, output, params, macs])).toEqual([
      ['input', [28, 28, 1], 0, 0],
      ['c1', [28, 28, 6], 156, 117_600],
      ['p1', [14, 14, 6], 0, 0],
      ['c2', [10, 10, 16], 2_416, 240_000],
      ['p2', [5, 5, 16], 0, 0],
      ['flatten', [400], 0, 0],
      ['d1', [120], 48_120, 48_000],
      ['d2', [84], 10_164, 10_080],
      ['d3', [10], 850, 840],
      ['output', [10], 0, 0],
    ])
    expect(report.order).toEqual(report.blocks.map(({ id }) => id))
  })

  test('receptive fields by hand: r += (k − 1)·j, j ·= s, start −= p·j', () => {
    const fields = report.blocks.slice(0, 7).map(({ receptiveField }) => receptiveField)
    expect(fields).toEqual([
      { size: [1, 1], stride: [1, 1], start: [0, 0] },
      { size: [5, 5], stride: [1, 1], start: [-2, -2] },
      { size: [6, 6], stride: [2, 2], start: [-2, -2] },
      { size: [14, 14], stride: [2, 2], start: [-2, -2] },
      { size: [16, 16], stride: [4, 4], start: [-2, -2] },
      { size: [16, 16], stride: [4, 4], start: [-2, -2] },
      { size: [28, 28], stride: null, start: [0, 0] },
    ])
  })

  test('writes its arithmetic out', () => {
    expect(report.blocks[1]?.arithmetic).toContainEqual({
      label: 'Height',
      text: '(28 + 2+2 − 5) / 1 + 1 = 28',
    })
    expect(report.blocks[5]?.arithmetic).toEqual([{ label: 'Length', text: '5 · 5 · 16 = 400' }])
    expect(report.blocks[3]?.weightsFormula).toBe('5·5·6·16 + 16')
    expect(report.blocks[2]?.weightsFormula).toBeNull()
  })

  test('is plain data that can be sent and written', () => {
    expect(JSON.parse(JSON.stringify(report))).toEqual(structuredClone(report))
  })
})

test('the order of entries in the file has no meaning', () => {
  const random = seededRandom(1)
  const shuffled = <T>(list: readonly T[]) =>
    list.map((entry) => ({ entry, at: random.next() })).sort((a, b) => a.at - b.at).map(({ entry }) => entry) // prettier-ignore
  for (let round = 0; round < 20; round += 1) {
    const other = { ...lenet, blocks: shuffled(lenet.blocks), connections: shuffled(lenet.connections) }
    expect(inferShapes(other)).toEqual(inferShapes(lenet))
  }
})

test('frozen weights count as parameters, not as trainable', () => {
  const { totals } = inferShapes(
    chain(
      input(4),
      ['conv2d', { filters: 2, trainable: false }],
      'batchNorm',
      'flatten',
      ['dense', { units: 3 }],
      'output',
    ),
  )
  // 3·3·1·2 + 2 = 20 frozen; 4·2 = 8, half trained; 8·3 + 3 = 27
  expect(totals).toEqual({ params: 55, trainable: 31, macs: 4 * 18 + 24 })
})

describe('receptive fields', () => {
  test('dilation, stride and asymmetric padding', () => {
    const network = chain(
      input(32),
      ['a:conv2d', { dilation: [2, 1], strides: [1, 2], padding: [1, 0, 2, 0] }],
      ['b:conv2d', { kernelSize: [1, 3], padding: [0, 0, 1, 1] }],
      ['z:zeroPad2d', { padding: [3, 0, 1, 0] }],
    )
    // Rows: 1 + 4·1 = 5, then 1×. Columns: 1 + 2·1 = 3 at step 2, then + 2·2 = 7. Starts: −1; −2 − 1·2 = −4.
    expect(fieldOf(network, 'a')).toEqual({ size: [5, 3], stride: [1, 2], start: [-1, -2] })
    expect(fieldOf(network, 'b')).toEqual({ size: [5, 7], stride: [1, 2], start: [-1, -4] })
    expect(fieldOf(network, 'z')).toEqual({ size: [5, 7], stride: [1, 2], start: [-4, -6] })
  })

  test('a merge sees the bounding union', () => {
    const network = graph(
      [
        input(8),
        ['a:conv2d', { padding: 'same' }],
        ['b:conv2d', { kernelSize: 5, padding: [4, 0, 2, 2] }],
        'concat',
      ],
      [['input', 'a'], ['input', 'b'], ['a', 'concat', 0], ['b', 'concat', 1]], // prettier-ignore
    )
    // a: rows −1…1, b: rows −4…0 → −4…1; columns −1…1 and −2…2.
    expect(fieldOf(network, 'concat')).toEqual({ size: [6, 5], stride: [1, 1], start: [-4, -2] })
  })

  test('global pooling and dense see the whole input', () => {
    const network = chain(input(9, 7), 'conv2d', 'globalAvgPool2d', 'dropout', 'dense')
    for (const id of ['globalAvgPool2d', 'dropout', 'dense']) {
      expect(fieldOf(network, id)).toEqual({ size: [9, 7], stride: null, start: [0, 0] })
    }
  })

  test('they are the input pixels that really reach one number', () => {
    const random = seededRandom(7)
    for (let round = 0; round < 60; round += 1) {
      // A chain of windows without padding; walking back from the last row's first number gives the pixels.
      const windows = Array.from({ length: random.integer(1, 4) }, () => ({
        k: random.integer(1, 4),
        s: random.integer(1, 3),
        d: random.integer(1, 2),
      }))
      const entries = windows.map(({ k, s, d }, i): Entry => [
        `w${i}:conv2d`,
        { kernelSize: k, strides: s, dilation: d, filters: 1 },
      ])
      let rows = [0]
      for (const { k, s, d } of [...windows].reverse()) {
        rows = [...new Set(rows.flatMap((row) => Array.from({ length: k }, (_, tap) => row * s + tap * d)))]
      }
      const field = fieldOf(chain(input(200), ...entries), `w${windows.length - 1}`)
      expect(field?.start[0]).toBe(Math.min(...rows))
      expect(field?.size[0]).toBe(Math.max(...rows) - Math.min(...rows) + 1)
      expect(field?.stride?.[0]).toBe(windows.reduce((step, { s }) => step * s, 1))
    }
  })
})

describe('what is not known is null', () => {
  test('behind a block that does not fit; totals too', () => {
    const report = inferShapes(chain(input(3), ['conv2d', { kernelSize: 5 }], 'flatten', 'dense', 'output'))
    expect(report.fits).toBe(false)
    expect(report.totals).toEqual({ params: null, trainable: null, macs: null })
    expect(report.order).toEqual([])
    const flatten = report.blocks.find(({ id }) => id === 'flatten')
    expect(flatten).toMatchObject({
      output: null,
      params: null,
      macs: null,
      receptiveField: null,
      inputs: [],
    })
  })

  test('dense on a map: its output is known, its weights are not', () => {
    const report = inferShapes(chain(input(5, 5, 16), ['dense', { units: 10 }], 'output'), { classes: 7 })
    expect(report.blocks[1]).toMatchObject({ output: [10], params: null })
    expect(report.issues.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['DENSE_NEEDS_VECTOR', 'CLASS_COUNT_MISMATCH']),
    )
  })

  test('totals are known while only the data disagrees', () => {
    const report = inferShapes(chain(input(4), 'flatten', ['dense', { units: 10 }], 'output'), { classes: 3 })
    expect(report.fits).toBe(false)
    expect(report.totals.params).toBe(170)
  })

  test('an empty graph has two issues and no blocks', () => {
    const report = inferShapes(graph([], []))
    expect(report.issues.map(({ code }) => code)).toEqual(['NO_INPUT', 'NO_OUTPUT'])
    expect(report).toMatchObject({ fits: false, blocks: [], order: [], totals: { params: 0 } })
  })
})

describe('rules with a limit, on both sides of it', () => {
  const codes = (network: Graph, requirements = {}) =>
    inferShapes(network, requirements).issues.map(({ code }) => code)

  test('PARAMETER_EXPLOSION starts above 10 million', () => {
    const dense = (bias: boolean) =>
      chain(input(100, 100), 'flatten', ['dense', { units: 1000, useBias: bias }], 'output')
    expect(codes(dense(false))).toEqual([])
    expect(codes(dense(true))).toEqual(['PARAMETER_EXPLOSION'])
  })

  test('RECEPTIVE_FIELD_SMALL starts below half the input', () => {
    const network = (side: number) =>
      chain(input(side), 'conv2d', 'globalAvgPool2d', ['dense', { units: 2 }], 'output')
    expect(codes(network(6))).toEqual([])
    expect(codes(network(7))).toEqual(['RECEPTIVE_FIELD_SMALL'])
  })

  test('STRIDE_SKIPS_PIXELS not for 1×1, nor when stride equals the window', () => {
    const network = (kernelSize: number, strides: number) =>
      chain(input(9), ['conv2d', { kernelSize, strides }], 'flatten', ['dense', { units: 2 }], 'output')
    expect(codes(network(1, 2))).toEqual([])
    expect(codes(network(3, 3))).toEqual([])
    expect(codes(network(2, 7))).toEqual(['STRIDE_SKIPS_PIXELS'])
  })

  test('PADDING_EXCEEDS_POOL at the pool size, PADDING_EXCEEDS_KERNEL at the window, dilation counted', () => {
    const network = (type: string, params: Record<string, unknown>) =>
      chain(input(9), [type, params], 'flatten', ['dense', { units: 2 }], 'output')
    expect(codes(network('avgPool2d', { poolSize: 3, padding: [2, 1, 2, 1] }))).toEqual([])
    expect(codes(network('avgPool2d', { poolSize: 3, padding: [3, 0, 0, 0] }))).toEqual([
      'PADDING_EXCEEDS_POOL',
    ])
    expect(codes(network('conv2d', { padding: [2, 2, 2, 2] }))).toEqual([])
    expect(codes(network('conv2d', { padding: [0, 3, 0, 0] }))).toEqual(['PADDING_EXCEEDS_KERNEL'])
    expect(codes(network('conv2d', { padding: [0, 3, 0, 0], dilation: 2 }))).toEqual([])
  })

  test('SOFTMAX_TWICE through flatten and dropout only', () => {
    const softmax: Entry = ['softmax:activation', { kind: 'softmax' }]
    expect(codes(chain(input(2), softmax, 'flatten', 'dropout', 'output'))).toEqual(['SOFTMAX_TWICE'])
    expect(codes(chain(input(2), 'flatten', softmax, ['dense', { units: 2 }], 'output'))).toEqual([])
    expect(codes(chain(input(2), 'flatten', softmax, 'batchNorm', 'output'))).toEqual([])
  })

  test('BATCH_NORM_SINGLE_VALUE for a batch of one on one place, unless frozen', () => {
    const network = (side: number, trainable: boolean) =>
      chain(input(side), ['batchNorm', { trainable }], 'flatten', ['dense', { units: 2 }], 'output')
    expect(codes(network(1, true), { batchSize: 1 })).toEqual(['BATCH_NORM_SINGLE_VALUE'])
    expect(codes(network(1, true), { batchSize: 2 })).toEqual([])
    expect(codes(network(1, false), { batchSize: 1 })).toEqual([])
    expect(codes(network(2, true), { batchSize: 1 })).toEqual([])
    expect(codes(network(1, true))).toEqual([])
    const vector = chain(input(2), 'flatten', 'batchNorm', 'output')
    expect(codes(vector, { batchSize: 1 })).toEqual(['BATCH_NORM_SINGLE_VALUE'])
  })

  test('bands: up to four become grey or colour, more must agree', () => {
    const network = (channels: number) =>
      chain(input(2, 2, channels), 'flatten', ['dense', { units: 2 }], 'output')
    const mismatch = (bands: number, channels: number) =>
      codes(network(channels), { bands }).includes('BAND_COUNT_MISMATCH')
    expect([mismatch(1, 1), mismatch(3, 1), mismatch(1, 3), mismatch(4, 3), mismatch(13, 13)]).toEqual(
      Array(5).fill(false),
    )
    expect([mismatch(13, 3), mismatch(5, 1), mismatch(3, 13), mismatch(3, 2)]).toEqual(Array(4).fill(true))
  })

  test('PIXELS_NEVER_READ is reported in the block too', () => {
    const report = inferShapes(chain(input(7, 8), 'maxPool2d', 'flatten', ['dense', { units: 2 }], 'output'))
    expect(report.blocks[1]?.neverRead).toEqual([1, 0])
    expect(report.fits).toBe(true)
  })
})

describe('unused blocks', () => {
  test('are left out of order and totals, and do not keep the rest from fitting', () => {
    const network = graph(
      [input(4), 'flatten', ['dense', { units: 2 }], 'output', 'side:conv2d', 'alone:activation'],
      [['input', 'flatten'], ['flatten', 'dense'], ['dense', 'output'], ['input', 'side']], // prettier-ignore
    )
    const report = inferShapes(network)
    expect(report.fits).toBe(true)
    expect(report.order).toEqual(['input', 'flatten', 'dense', 'output'])
    expect(report.totals.params).toBe(34)
    expect(report.issues.map(({ code, blockId }) => [code, blockId])).toEqual([
      ['UNUSED_BLOCK', 'side'],
      ['UNUSED_BLOCK', 'alone'],
    ])
  })

  test('while the output is not reached, blocks on the way to it are not called unused', () => {
    const report = inferShapes(graph([input(8), 'conv2d', 'output'], [['input', 'conv2d']]))
    expect(report.issues.map(({ code, blockId }) => [code, blockId])).toEqual([['NOT_CONNECTED', 'output']])
  })
})

test('a connection that does not fit is named, so that it can be drawn red', () => {
  const report = inferShapes(
    graph(
      [input(8), 'a:conv2d', 'add', 'flatten', 'dense', 'output'],
      [['input', 'a'], ['input', 'add', 0], ['a', 'add', 1], ['add', 'flatten'], ['flatten', 'dense'], ['dense', 'output']], // prettier-ignore
    ),
  )
  expect(report.issues[0]).toMatchObject({
    code: 'MERGE_SHAPES_DIFFER',
    connection: { from: 'a', to: 'add', input: 1 },
  })
})

test('500 blocks in a row, and 20,000, are checked', () => {
  for (const count of [500, 20_000]) {
    const entries = Array.from({ length: count }, (_, i): Entry => `a${i}:activation`)
    const report = inferShapes(chain(input(4), ...entries, 'flatten', ['dense', { units: 2 }], 'output'))
    expect(report.fits).toBe(true)
    expect(report.order).toHaveLength(count + 4)
  }
})
