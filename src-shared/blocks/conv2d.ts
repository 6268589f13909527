import { activationLabel, activationParam, withActivation } from './activationKinds'
import { defineBlock, type ShapeContext } from './defineBlock'
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
import { groupsIssue } from './groupsIssue'
import { isMap, needsMap, onlyInput } from './shapeKinds'
import { windowIssues } from './windowIssues'
import type { Pair, Shape } from '../ops'

interface ConvWindow {
  kernelSize: number | Pair
  strides: number | Pair
  dilation: number | Pair
  padding: PaddingSetting
}

function convWindow(input: Shape, params: ConvWindow): SlidingWindow {
  return slideWindow(mapSize(input), {
    kernel: toPair(params.kernelSize),
    strides: toPair(params.strides),
    dilation: toPair(params.dilation),
    padding: params.padding,
  })
}

/** `[kh, kw, channels / groups, filters]`. */
function kernelShape({
  params,
  inputs,
}: Pick<ShapeContext<ConvWindow & { groups: number; filters: number }>, 'params' | 'inputs'>) {
  const [vertical, horizontal] = toPair(params.kernelSize)
  const channels = onlyInput(inputs)[2] ?? 0
  return [vertical, horizontal, channels / params.groups, params.filters] as const
}

/** `3·3·16·32`; with groups `3·3·(16/4)·32`. */
function kernelFormula(context: Parameters<typeof kernelShape>[0]): string {
  const [vertical, horizontal, seen, filters] = kernelShape(context)
  const { groups } = context.params
  return `${vertical}·${horizontal}·${groups === 1 ? seen : `(${seen * groups}/${groups})`}·${filters}`
}

export const conv2d = defineBlock({
  type: 'conv2d',
  version: 1,
  label: 'Convolution',
  description:
    'Slides filters over the map. All positions share the few weights of a filter (weight sharing), so it finds its feature wherever that lies (translation invariance). Each filter makes one activation map.',
  params: {
    filters: {
      kind: 'integer',
      label: 'Filters',
      help: 'How many filters work in parallel. Each looks for one feature and makes one activation map: one channel of the result.',
      default: 16,
      min: 1,
      max: 65_536,
    },
    kernelSize: {
      kind: 'pair',
      label: 'Kernel size',
      help: 'Height and width of the window each filter looks through. A local 3×3 window needs only 9 weights per band; a larger one sees more at once (receptive field).',
      default: 3,
      min: 1,
      max: 1024,
    },
    strides: {
      kind: 'pair',
      label: 'Stride',
      help: 'How many pixels the window moves at each step. On 5×5 pixels a 3×3 window makes 3×3 numbers with stride 1, 2×2 with stride 2.',
      default: 1,
      min: 1,
      max: 1024,
    },
    padding: {
      kind: 'padding',
      label: 'Padding',
      help: 'Zeros around the map. "Valid" adds none and the map shrinks by kernel − 1; "same" keeps the size at stride 1.',
      default: 'valid',
      modes: ['valid', 'same'],
      max: 1024,
    },
    dilation: {
      kind: 'pair',
      label: 'Dilation',
      help: 'Spreads the window: 2 reads every second pixel, so the receptive field grows without more weights.',
      default: 1,
      min: 1,
      max: 1024,
    },
    groups: {
      kind: 'integer',
      label: 'Groups',
      help: 'Splits bands and filters into groups that do not see each other. As many groups as bands is a depthwise convolution.',
      default: 1,
      min: 1,
      max: 65_536,
    },
    useBias: {
      kind: 'boolean',
      label: 'Bias',
      help: 'Adds one trainable number per filter. Not needed before batch normalisation.',
      default: true,
    },
    activation: activationParam,
    trainable: {
      kind: 'boolean',
      label: 'Trainable',
      help: 'Off: the weights stay as they are during training.',
      default: true,
    },
  },
  inputs: 'one',
  hasOutput: true,
  inferShape({ blockId, params, inputs }) {
    const input = onlyInput(inputs)
    if (!isMap(input)) return needsMap('Convolution', input)
    const window = convWindow(input, params)
    const issues = [
      ...groupsIssue(blockId, input[2] ?? 0, params.filters, params.groups),
      ...windowIssues(blockId, input, window, { kernel: 'kernelSize', pool: false }),
    ]
    const arithmetic = windowFormulas(window, params.padding)
    if (window.output[0] < 1 || window.output[1] < 1) return { output: null, issues, arithmetic }
    arithmetic.push({ label: 'Channels', text: `one per filter = ${params.filters}` })
    return { output: [...window.output, params.filters], issues, arithmetic, neverRead: window.neverRead }
  },
  weights(context) {
    const { filters, useBias, trainable } = context.params
    const shape = kernelShape(context)
    const window = shape[0] * shape[1]
    return [
      {
        name: 'kernel',
        shape,
        trainable,
        initialiser: 'glorotUniform',
        fanIn: window * shape[2],
        fanOut: window * filters,
      },
      ...(useBias ? [{ name: 'bias', shape: [filters], trainable, initialiser: 'zeros' } as const] : []),
    ]
  },
  weightsFormula(context) {
    const { filters, useBias } = context.params
    return `${kernelFormula(context)}${useBias ? ` + ${filters}` : ''}`
  },
  macs(context) {
    const weights = kernelShape(context).reduce((product, n) => product * n, 1)
    return (context.output[0] ?? 0) * (context.output[1] ?? 0) * weights
  },
  macsFormula: (context) => `${context.output[0]}·${context.output[1]} · ${kernelFormula(context)}`,
  field: ({ params, inputs }) => windowField(convWindow(onlyInput(inputs), params)),
  lower({ params, inputs, output }) {
    const { filters, groups, useBias, activation } = params
    const { kernel, strides, dilation, padding } = convWindow(onlyInput(inputs), params)
    return withActivation(
      {
        op: 'conv2d',
        attrs: { kernelSize: kernel, strides, padding, dilation, groups, filters, useBias },
        from: [{ input: 0 }],
        weights: useBias ? { kernel: 'kernel', bias: 'bias' } : { kernel: 'kernel' },
        output,
      },
      activation,
    )
  },
  palette: { group: 'convolution', icon: 'Grid3x3' },
  summary(params) {
    const kernel = toPair(params.kernelSize)
    return [
      `${kernel[0]}×${kernel[1]}`,
      `${params.filters} ${params.filters === 1 ? 'filter' : 'filters'}`,
      ...(shortPairText(params.strides) === '1' ? [] : [`stride ${shortPairText(params.strides)}`]),
      ...(params.padding === 'valid'
        ? []
        : [params.padding === 'same' ? 'same' : `pad ${params.padding.join(',')}`]),
      ...(shortPairText(params.dilation) === '1' ? [] : [`dilation ${shortPairText(params.dilation)}`]),
      ...(params.groups === 1 ? [] : [`${params.groups} groups`]),
      ...(params.activation === 'none' ? [] : [activationLabel(params.activation)]),
    ].join(', ')
  },
})
