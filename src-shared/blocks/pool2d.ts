/** What max and average pooling share: everything but the operation and the words. */
import type { Pair, Shape } from '../ops'
import { defineBlock, type AnyBlockDefinition } from './defineBlock'
import { isMap, needsMap, onlyInput } from './shapeKinds'
import {
  mapSize,
  shortPairText,
  slideWindow,
  toPair,
  windowField,
  windowFormulas,
  type PaddingSetting,
  type SlidingWindow,
} from './slidingWindow'
import { windowIssues } from './windowIssues'

interface PoolWords {
  type: 'maxPool2d' | 'avgPool2d'
  label: string
  description: string
  paddingHelp: string
  icon: string
}

interface PoolParams {
  poolSize: number | Pair
  strides: number | Pair | null
  padding: PaddingSetting
}

function poolWindow(input: Shape, params: PoolParams): SlidingWindow {
  return slideWindow(mapSize(input), {
    kernel: toPair(params.poolSize),
    strides: toPair(params.strides ?? params.poolSize),
    dilation: [1, 1],
    padding: params.padding,
  })
}

export function definePool2d(words: PoolWords): AnyBlockDefinition {
  return defineBlock({
    type: words.type,
    version: 1,
    label: words.label,
    description: words.description,
    params: {
      poolSize: {
        kind: 'pair',
        label: 'Pool size',
        help: 'Height and width of the window that becomes one number.',
        default: 2,
        min: 1,
        max: 1024,
      },
      strides: {
        kind: 'pair',
        label: 'Stride',
        help: 'How far the window moves. Usually as far as it is large, so that windows do not overlap.',
        default: null,
        nullable: 'as the pool size',
        min: 1,
        max: 1024,
      },
      padding: {
        kind: 'padding',
        label: 'Padding',
        help: words.paddingHelp,
        default: 'valid',
        modes: ['valid', 'same'],
        max: 1024,
      },
    },
    inputs: 'one',
    hasOutput: true,
    inferShape({ blockId, params, inputs }) {
      const input = onlyInput(inputs)
      if (!isMap(input)) return needsMap(words.label, input)
      const window = poolWindow(input, params)
      const issues = windowIssues(blockId, input, window, { kernel: 'poolSize', pool: true })
      const arithmetic = windowFormulas(window, params.padding)
      if (window.output[0] < 1 || window.output[1] < 1) return { output: null, issues, arithmetic }
      return {
        output: [...window.output, input[2] ?? 0],
        issues,
        arithmetic,
        neverRead: window.neverRead,
      }
    },
    field: ({ params, inputs }) => windowField(poolWindow(onlyInput(inputs), params)),
    lower({ params, inputs, output }) {
      const { kernel, strides, padding } = poolWindow(onlyInput(inputs), params)
      const attrs = { poolSize: kernel, strides, padding }
      return [{ op: words.type, attrs, from: [{ input: 0 }], weights: {}, output }]
    },
    palette: { group: 'pooling', icon: words.icon },
    summary(params) {
      const pool = toPair(params.poolSize)
      const strides = toPair(params.strides ?? params.poolSize)
      return [
        `${pool[0]}×${pool[1]}`,
        ...(strides[0] === pool[0] && strides[1] === pool[1] ? [] : [`stride ${shortPairText(strides)}`]),
        ...(params.padding === 'valid'
          ? []
          : [params.padding === 'same' ? 'same' : `pad ${params.padding.join(',')}`]),
      ].join(', ')
    },
  })
}
