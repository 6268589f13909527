import { describe, expect, test } from 'vitest'
import { applyEdits } from '#shared/graph/applyEdits'
import type { DataRequirements } from '#shared/graph/fit'
import { inferShapes } from '#shared/graph/inferShapes'
import type { Graph } from '#shared/graph/types'
import { fitIssueTexts, type FitIssueCode } from '#shared/issues/fitIssues'
import { chain, graph, input } from './network'

interface Case {
  code: FitIssueCode
  blockId: string | null
  /** Exactly what people read. */
  message: string
  graph: Graph
  requirements?: Partial<DataRequirements>
  /** Labels of the repairs, best first; `[]` where nothing can be offered. */
  repairs: readonly string[]
}

const classifier = ['flatten', ['dense', { units: 10 }], 'output'] as const
const pooled = ['globalAvgPool2d', ['dense', { units: 10 }], 'output'] as const

const cases: readonly Case[] = [
  {
    code: 'NO_INPUT',
    blockId: null,
    message: 'The network has no input block. Add one: it says how large the images are.',
    graph: chain(...classifier),
    repairs: ['Add an input block before flatten'],
  },
  {
    code: 'NO_OUTPUT',
    blockId: null,
    message: 'The network has no output block. Add one after the last dense block.',
    graph: chain(input(4), 'flatten', 'dense'),
    repairs: ['Add an output block after dense'],
  },
  {
    code: 'SEVERAL_INPUTS',
    blockId: null,
    message: 'There are 2 input blocks; a network has exactly one. Remove the others.',
    graph: graph(
      [input(4), ['second:input', {}], ...classifier],
      [
        ['input', 'flatten'],
        ['flatten', 'dense'],
        ['dense', 'output'],
      ],
    ),
    repairs: ['Keep input only'],
  },
  {
    code: 'SEVERAL_OUTPUTS',
    blockId: null,
    message: 'There are 2 output blocks; a network has exactly one. Remove the others.',
    graph: graph(
      [input(4), ...classifier, 'second:output'],
      [
        ['input', 'flatten'],
        ['flatten', 'dense'],
        ['dense', 'output'],
        ['dense', 'second'],
      ],
    ),
    repairs: ['Keep output only', 'Keep second only'],
  },
  {
    code: 'UNKNOWN_BLOCK',
    blockId: 'x',
    message: 'This Interlock knows no block of type lstm. Remove it, or update Interlock.',
    graph: chain(input(4), 'x:lstm', ...classifier),
    repairs: ['Remove this block'],
  },
  {
    code: 'INVALID_SETTING',
    blockId: 'conv2d',
    message: 'filters: expected an integer from 1 to 65536, found -3.',
    graph: chain(input(4), ['conv2d', { filters: -3 }], ...classifier),
    repairs: ['Set filters to 16, the default'],
  },
  {
    code: 'INVALID_SETTING',
    blockId: 'conv2d',
    message:
      'kernel: expected only filters, kernelSize, strides, padding, dilation, groups, useBias, activation, trainable, found the unknown setting "kernel".',
    graph: chain(input(4), ['conv2d', { kernel: 3 }], ...classifier),
    repairs: ['Remove the setting kernel'],
  },
  {
    code: 'INVALID_CONNECTION',
    blockId: 'add',
    message: 'The connection from b to add does not work: input 0 of add is taken by a.',
    graph: graph(
      [input(4), 'a:activation', 'b:activation', 'add', ...classifier],
      [
        ['input', 'a'],
        ['input', 'b'],
        ['a', 'add', 0],
        ['b', 'add', 0],
        ['add', 'flatten'],
        ['flatten', 'dense'],
        ['dense', 'output'],
      ],
    ),
    repairs: ['Give it the next free input', 'Remove this connection'],
  },
  {
    code: 'INVALID_CONNECTION',
    blockId: 'flatten',
    message: 'The connection from ghost to flatten does not work: there is no block ghost.',
    graph: graph(
      [input(4), ...classifier],
      [
        ['input', 'flatten'],
        ['flatten', 'dense'],
        ['dense', 'output'],
        ['ghost', 'flatten'],
      ],
    ),
    repairs: ['Remove this connection'],
  },
  {
    code: 'TOO_MANY_INPUTS',
    blockId: 'flatten',
    message:
      'Flatten takes one connection, but 2 connections arrive. Remove some, or merge them with add or concat first.',
    graph: graph(
      [input(4), 'a:activation', 'b:activation', ...classifier],
      [
        ['input', 'a'],
        ['input', 'b'],
        ['a', 'flatten'],
        ['b', 'flatten'],
        ['flatten', 'dense'],
        ['dense', 'output'],
      ],
    ),
    repairs: [
      'Join them with add first',
      'Join them with concat first',
      'Keep only the connection from a',
      'Keep only the connection from b',
    ],
  },
  {
    code: 'NOT_CONNECTED',
    blockId: 'dense',
    message:
      'Nothing arrives at dense (Dense), so the output is cut off from the input. Connect a block to it.',
    graph: graph(
      [input(4), ...classifier],
      [
        ['input', 'flatten'],
        ['dense', 'output'],
      ],
    ),
    repairs: ['Connect flatten to it'],
  },
  {
    code: 'NOT_CONNECTED',
    blockId: 'add',
    message: 'Add joins two or more inputs, but only one arrives. Connect another block to it.',
    graph: graph(
      [input(4), 'a:activation', 'b:activation', 'add', ...classifier],
      [
        ['input', 'a'],
        ['input', 'b'],
        ['a', 'add', 0],
        ['add', 'flatten'],
        ['flatten', 'dense'],
        ['dense', 'output'],
      ],
    ),
    repairs: ['Connect b to it', 'Remove add'],
  },
  {
    code: 'NOT_CONNECTED',
    blockId: 'add',
    message:
      'Nothing arrives at input 1 of add, but at a later one. Connect a block to it, or renumber the inputs.',
    graph: graph(
      [input(4), 'a:activation', 'b:activation', 'add', ...classifier],
      [
        ['input', 'a'],
        ['input', 'b'],
        ['a', 'add', 0],
        ['b', 'add', 2],
        ['add', 'flatten'],
        ['flatten', 'dense'],
        ['dense', 'output'],
      ],
    ),
    repairs: ['Number the inputs anew'],
  },
  {
    code: 'CYCLE',
    blockId: 'a',
    message:
      'The connections form a circle (a → b → add → a). Data must flow from input to output; remove one of them.',
    graph: graph(
      [input(4), 'a:activation', 'b:activation', 'add', ...classifier],
      [
        ['add', 'a'],
        ['a', 'b'],
        ['input', 'add', 0],
        ['b', 'add', 1],
        ['add', 'flatten'],
        ['flatten', 'dense'],
        ['dense', 'output'],
      ],
    ),
    repairs: ['Remove the connection from add to a'],
  },
  {
    code: 'KERNEL_EXCEEDS_INPUT',
    blockId: 'conv2d',
    message: 'A 5×5 window does not fit into 3×3×1: (3 + 0+0 − 5) / 1 + 1 = −1, which is below 1.',
    graph: chain(input(3), ['conv2d', { kernelSize: 5 }], ...classifier),
    repairs: ['Set padding to same', 'Reduce the kernel size to 3×3', 'Remove this block'],
  },
  {
    code: 'KERNEL_EXCEEDS_INPUT',
    blockId: 'second',
    message: 'A 2×2 window does not fit into 1×1×1: (1 + 0+0 − 2) / 2 + 1 = 0, which is below 1.',
    graph: chain(input(2), 'maxPool2d', 'second:maxPool2d', ...classifier),
    repairs: [
      'Remove this block',
      'Remove the pooling maxPool2d before it',
      'Set padding to same',
      'Reduce the pool size to 1×1',
    ],
  },
  {
    code: 'PADDING_EXCEEDS_POOL',
    blockId: 'maxPool2d',
    message:
      'Padding 2 must be smaller than the pool size 2×2; otherwise some windows would see no pixel at all.',
    graph: chain(input(4), ['maxPool2d', { padding: [2, 0, 2, 0] }], ...classifier),
    repairs: [
      'Set padding to same',
      'Remove the padding',
      'Reduce padding to top 1, bottom 0, left 1, right 0',
    ],
  },
  {
    code: 'GROUPS_DO_NOT_DIVIDE',
    blockId: 'conv2d',
    message: '4 groups must divide both the 6 channels that arrive and the 8 filters evenly.',
    graph: chain(input(4, 4, 6), ['conv2d', { filters: 8, groups: 4 }], ...classifier),
    repairs: ['Use 2 groups', 'Use 1 group'],
  },
  {
    code: 'CROP_EXCEEDS_INPUT',
    blockId: 'crop2d',
    message: 'Cropping leaves nothing of 4×6×1: 4 − (3+2) = −1, which is below 1.',
    graph: chain(input(4, 6), ['crop2d', { cropping: [3, 2, 1, 0] }], ...classifier),
    repairs: ['Reduce the cropping to top 1, bottom 2, left 1, right 0', 'Remove this block'],
  },
  {
    code: 'DENSE_NEEDS_VECTOR',
    blockId: 'dense',
    message:
      'Dense needs a vector, but a 5×5×16 map arrives. Insert a flatten block (400 numbers) before it.',
    graph: chain(input(5, 5, 16), ['dense', { units: 10 }], 'output'),
    repairs: ['Insert a flatten block', 'Insert global average pooling'],
  },
  {
    code: 'NEEDS_MAP',
    blockId: 'conv2d',
    message: 'Convolution works on a map (height × width × channels), but a vector of 16 arrives.',
    graph: chain(
      input(4),
      'flatten',
      ['conv2d', { kernelSize: 1 }],
      'last:flatten',
      ['dense', { units: 10 }],
      'output',
    ),
    repairs: ['Remove flatten before it', 'Remove this block'],
  },
  {
    code: 'MERGE_SHAPES_DIFFER',
    blockId: 'add',
    message: 'Add needs inputs of equal size, but these arrive: 6×6×16, 8×8×16.',
    graph: graph(
      [input(8), 'a:conv2d', ['b:conv2d', { padding: 'same' }], 'add', ...classifier],
      [
        ['input', 'a'],
        ['input', 'b'],
        ['a', 'add', 0],
        ['b', 'add', 1],
        ['add', 'flatten'],
        ['flatten', 'dense'],
        ['dense', 'output'],
      ],
    ),
    repairs: ['Set padding of a to same', 'Insert zero padding after a', 'Insert cropping after b'],
  },
  {
    code: 'MERGE_SHAPES_DIFFER',
    blockId: 'concat',
    message: 'Concat needs maps of equal height and width, or only vectors, but these arrive: 4×4×1, 8×8×1.',
    graph: graph(
      [input(8), 'pool:maxPool2d', 'concat', ...classifier],
      [
        ['input', 'pool'],
        ['pool', 'concat', 0],
        ['input', 'concat', 1],
        ['concat', 'flatten'],
        ['flatten', 'dense'],
        ['dense', 'output'],
      ],
    ),
    repairs: [
      'Insert 2×2 max pooling after input',
      'Insert zero padding after pool',
      'Insert cropping after input',
    ],
  },
  {
    code: 'MERGE_SHAPES_DIFFER',
    blockId: 'add',
    message: 'Add needs inputs of equal size, but these arrive: 4×4×8, 8×8×1.',
    graph: graph(
      [input(8), ['a:conv2d', { filters: 8, strides: 2, padding: 'same' }], 'add', ...classifier],
      [
        ['input', 'a'],
        ['a', 'add', 0],
        ['input', 'add', 1],
        ['add', 'flatten'],
        ['flatten', 'dense'],
        ['dense', 'output'],
      ],
    ),
    repairs: [
      'Insert a 1×1 convolution (8 filters, stride 2) after input',
      'Insert a 1×1 convolution (1 filter) after a and 2×2 max pooling after input',
      'Insert zero padding after a and a 1×1 convolution (8 filters) after input',
      'Insert cropping and a 1×1 convolution (8 filters) after input',
    ],
  },
  {
    code: 'MERGE_SHAPES_DIFFER',
    blockId: 'concat',
    message: 'Concat needs maps of equal height and width, or only vectors, but these arrive: 16, 4×4×1.',
    graph: graph(
      [input(4), 'a:flatten', 'concat', ['dense', { units: 10 }], 'output'],
      [
        ['input', 'a'],
        ['a', 'concat', 0],
        ['input', 'concat', 1],
        ['concat', 'dense'],
        ['dense', 'output'],
      ],
    ),
    repairs: ['Insert a flatten block after input', 'Insert global average pooling after input'],
  },
  {
    code: 'MERGE_SHAPES_DIFFER',
    blockId: 'add',
    message: 'Add needs inputs of equal size, but these arrive: 5, 16.',
    graph: graph(
      [input(4), 'a:flatten', ['b:dense', { units: 5 }], 'add', ['dense', { units: 10 }], 'output'],
      [
        ['input', 'a'],
        ['a', 'b'],
        ['b', 'add', 0],
        ['a', 'add', 1],
        ['add', 'dense'],
        ['dense', 'output'],
      ],
    ),
    repairs: ['Insert a dense block of 16 units after b', 'Insert a dense block of 5 units after a'],
  },
  {
    code: 'OUTPUT_NEEDS_VECTOR',
    blockId: 'output',
    message: 'Output needs a vector with one number per class, but a 4×4×7 map arrives.',
    graph: chain(input(4, 4, 7), 'output'),
    requirements: { classes: 7 },
    // Pooling a single pixel's view over the whole map draws a hint, so the repairs without it come first.
    repairs: [
      'Insert a flatten block and a dense block of 7 units',
      'Insert global average pooling',
      'Insert global average pooling and a dense block of 7 units',
    ],
  },
  {
    code: 'OUTPUT_NEEDS_VECTOR',
    blockId: 'output',
    message: 'Output needs a vector with one number per class, but a 4×4×7 map arrives.',
    graph: chain(input(4, 4, 7), 'output'),
    repairs: ['Insert a flatten block', 'Insert global average pooling'],
  },
  {
    code: 'CLASS_COUNT_MISMATCH',
    blockId: 'output',
    message: 'The data has 7 classes, but 10 numbers arrive at the output.',
    graph: chain(input(4), 'flatten', ['dense', { units: 10 }], 'dropout', 'output'),
    requirements: { classes: 7 },
    repairs: ['Set dense to 7 units', 'Insert a dense block of 7 units'],
  },
  {
    code: 'CLASS_COUNT_MISMATCH',
    blockId: 'output',
    message: 'The data has 7 classes, but 16 numbers arrive at the output.',
    graph: chain(input(4), 'conv2d', 'globalAvgPool2d', 'output'),
    requirements: { classes: 7 },
    repairs: ['Set conv2d to 7 filters', 'Insert a dense block of 7 units'],
  },
  {
    code: 'BAND_COUNT_MISMATCH',
    blockId: 'input',
    message: 'The data has 13 bands, but the input block has 3 channels.',
    graph: chain(input(4, 4, 3), ...classifier),
    requirements: { bands: 13 },
    repairs: ['Set the input to 13 bands'],
  },
  {
    code: 'BATCH_NORM_SINGLE_VALUE',
    blockId: 'batchNorm',
    message:
      'Batch normalisation needs more than one value per channel, but with a batch of 1 on a 1×1×16 map there is just one.',
    graph: chain(input(3), 'conv2d', 'batchNorm', ...classifier),
    requirements: { batchSize: 1 },
    repairs: ['Remove this batch normalisation'],
  },
  {
    code: 'SOFTMAX_TWICE',
    blockId: 'activation',
    message:
      'The output block applies softmax itself, so this softmax runs twice and learning slows down. Remove it.',
    graph: chain(
      input(4),
      'flatten',
      ['dense', { units: 10 }],
      ['activation', { kind: 'softmax' }],
      'dropout',
      'output',
    ),
    repairs: ['Remove this softmax'],
  },
  {
    code: 'SOFTMAX_TWICE',
    blockId: 'dense',
    message:
      'The output block applies softmax itself, so this softmax runs twice and learning slows down. Remove it.',
    graph: chain(input(4), 'flatten', ['dense', { units: 10, activation: 'softmax' }], 'output'),
    repairs: ['Set activation to none'],
  },
  {
    code: 'PIXELS_NEVER_READ',
    blockId: 'maxPool2d',
    message:
      '1 row and 1 column of the map are never read: the window does not reach them (⌊(7 + 0+0 − 2) / 2⌋ + 1 = 3).',
    graph: chain(input(7), 'maxPool2d', ...classifier),
    repairs: [
      'Set padding to same',
      'Set padding to top 0, bottom 1, left 0, right 1',
      'Enlarge the pool size to 3×3',
    ],
  },
  {
    code: 'PARAMETER_EXPLOSION',
    blockId: 'dense',
    message:
      'This block alone has 1,000,001,000 parameters (1000000·1000 + 1000). Make the map before it smaller, for instance by pooling.',
    graph: chain(input(1000), 'flatten', ['dense', { units: 1000 }], 'output'),
    repairs: [
      'Insert 12×12 max pooling before flatten',
      'Use 9 units',
      'Use global average pooling instead of flatten',
    ],
  },
  {
    code: 'PARAMETER_EXPLOSION',
    blockId: 'conv2d',
    message:
      'This block alone has 37,752,832 parameters (3·3·(2048/2)·4096 + 4096). Make the map before it smaller, for instance by pooling.',
    graph: chain(input(8, 8, 2048), ['conv2d', { filters: 4096, groups: 2 }], 'globalAvgPool2d', 'output'),
    repairs: ['Use 1084 filters'],
  },
  {
    code: 'UNUSED_BLOCK',
    blockId: 'conv2d',
    message: 'This block is not on a path from input to output; training ignores it.',
    graph: graph(
      [input(4), ...classifier, 'conv2d'],
      [
        ['input', 'flatten'],
        ['flatten', 'dense'],
        ['dense', 'output'],
        ['input', 'conv2d'],
      ],
    ),
    repairs: ['Remove this block'],
  },
  {
    code: 'RECEPTIVE_FIELD_SMALL',
    blockId: 'globalAvgPool2d',
    message:
      'Each number here sees 5×5 pixels of the 16×16 image. More layers, stride or pooling would let it see more.',
    graph: chain(input(16), 'a:conv2d', 'b:conv2d', ...pooled),
    repairs: [
      'Insert 2×2 max pooling after a',
      'Insert 4×4 max pooling after a',
      'Insert 4×4 max pooling after b',
    ],
  },
  {
    code: 'STRIDE_SKIPS_PIXELS',
    blockId: 'conv2d',
    message: 'Stride 4×4 is larger than the 3×3 window, so some pixels are skipped.',
    graph: chain(input(11), ['conv2d', { strides: 4 }], ...classifier),
    repairs: ['Reduce the stride to 3×3'],
  },
  {
    code: 'PADDING_EXCEEDS_KERNEL',
    blockId: 'conv2d',
    message: 'Padding 3 is as large as the 3×3 window, so some windows see only padding.',
    graph: chain(input(11), ['conv2d', { padding: [3, 0, 0, 0] }], ...classifier),
    repairs: [
      'Reduce padding to top 2, bottom 0, left 0, right 0',
      'Set padding to same',
      'Remove the padding',
    ],
  },
  {
    code: 'GREY_FROM_COLOUR',
    blockId: 'input',
    message: 'The images have colour, but the input block has one channel: they become grey.',
    graph: chain(input(4), ...classifier),
    requirements: { colour: true },
    repairs: ['Set the input to 3 bands'],
  },
]

describe.each(cases)('$code at $blockId', ({ code, blockId, message, graph, requirements, repairs }) => {
  const report = inferShapes(graph, requirements)
  const found = report.issues.filter((issue) => issue.code === code && issue.blockId === blockId)

  test('is found once, with its severity and an exact text', () => {
    expect(found.map((issue) => issue.message)).toEqual([message])
    expect(found[0]?.severity).toBe(fitIssueTexts[code].severity)
    expect(report.fits).toBe(!report.issues.some(({ severity }) => severity === 'error'))
  })

  test('offers these repairs, best first', () => {
    expect(found[0]?.repairs.map(({ label }) => label)).toEqual(repairs)
  })

  test('each repair removes it and has the consequences it names', () => {
    for (const repair of found[0]?.repairs ?? []) {
      const mended = inferShapes(applyEdits(graph, repair.edits), requirements)
      expect(mended.issues.filter((issue) => issue.code === code && issue.blockId === blockId)).toEqual([])
      const change =
        mended.totals.params === null || report.totals.params === null
          ? null
          : mended.totals.params - report.totals.params
      expect(repair.paramChange).toBe(change)
      if (repair.result !== null)
        expect(mended.blocks.map(({ output }) => output)).toContainEqual(repair.result)
    }
  })
})

test('every code has a case', () => {
  expect([...new Set(cases.map(({ code }) => code))].sort()).toEqual(Object.keys(fitIssueTexts).sort())
})

test('reading issues leaves the graph as it was', () => {
  for (const { graph, requirements } of cases) {
    const before = JSON.stringify(graph)
    JSON.stringify(inferShapes(graph, requirements))
    expect(JSON.stringify(graph)).toBe(before)
  }
})
