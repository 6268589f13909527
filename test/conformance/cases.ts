/**
 * What every executor is held to: each operation under many settings, as a small network around it. A 1×1 convolution (or a
 * dense layer) before the operation makes its input gradient needed; a dense head after it gives a gradient to start from.
 * Sizes are odd on purpose; batches of 1, 5, 17 and 33 meet every padding of an executor's lanes.
 */
import type { ActivationKind, OpName, Padding4, Shape } from '#shared/ops'
import { augmentationSchema, type AugmentationSettings } from '#shared/training/augmentation'
import type { OptimizerSettings } from '#shared/training/settings'
import type { Network } from '../../src-main/engine/plan/network'
import { NetworkBuilder, type ConvSettings, type PoolSettings } from './networkBuilder'

export interface ConformanceCase {
  /** The operation under test, or `network`/`optimizer` for whole ones. */
  subject: OpName | 'gather' | 'softmaxCrossEntropy' | 'network' | 'optimizer'
  label: string
  network: Network
  batchSize: number
  /** Real images of each training step. */
  counts: readonly number[]
  optimizer: OptimizerSettings
  clipNorm?: number
  labelSmoothing?: number
  classWeights?: boolean
  /** Every third image has no known class. */
  someUnlabelled?: boolean
  /** All pixels of an image are equal, so that windows tie. */
  flatImages?: boolean
  /** Type of the images' values; bytes if not given. Floats have some that are not there. */
  pixels?: PixelType
  /** What values are multiplied by before the normalisation. */
  scale?: number
  /** The images may change between runs, as a stream's do. */
  changing?: boolean
  augmentation?: Partial<AugmentationSettings>
}

export type PixelType = 'uint8' | 'uint16' | 'float32'

const plainSgd: OptimizerSettings = {
  type: 'sgd',
  learningRate: 0.05,
  momentum: 0,
  nesterov: false,
  weightDecay: 0,
}

type Options = Partial<Omit<ConformanceCase, 'subject' | 'label' | 'network'>>

function one(
  subject: ConformanceCase['subject'],
  label: string,
  network: Network,
  batchSize: number,
  options: Options = {},
): ConformanceCase {
  return { subject, label, network, batchSize, counts: [batchSize], optimizer: plainSgd, ...options }
}

/**
 * Image of two bands → 1×1 convolution to `channels` → …
 * Without bias before a batch normalisation: such a bias has gradient zero, and only rounding would be compared.
 */
function mapped(height: number, width: number, channels: number, useBias = true): NetworkBuilder {
  return new NetworkBuilder([height, width, 2]).conv2d('pre', { filters: channels, kernelSize: 1, useBias })
}

/** 3×3×1 image → vector of `length` → … */
function vector(length: number, useBias = true): NetworkBuilder {
  return new NetworkBuilder([3, 3, 1]).flatten('pixels').dense('pre', length, useBias)
}

const text = (value: object): string => JSON.stringify(value).replaceAll('"', '').slice(1, -1)

type ConvCase = readonly [
  height: number,
  width: number,
  channels: number,
  batch: number,
  settings: ConvSettings,
]

const convCases: readonly ConvCase[] = [
  [7, 7, 1, 1, { filters: 1, kernelSize: 1 }],
  [7, 5, 1, 5, { filters: 3, kernelSize: 3 }],
  [7, 7, 1, 17, { filters: 6, kernelSize: 5, padding: 2 }],
  [9, 7, 3, 5, { filters: 5, kernelSize: 3, padding: 1 }],
  [8, 8, 3, 33, { filters: 8, kernelSize: 3, padding: 1 }],
  [5, 5, 5, 17, { filters: 3, kernelSize: 1 }],
  [6, 6, 5, 5, { filters: 64, kernelSize: 3 }],
  [5, 5, 64, 5, { filters: 5, kernelSize: 3, padding: 1 }],
  [4, 4, 64, 3, { filters: 64, kernelSize: 3, padding: 1 }],
  [4, 6, 16, 17, { filters: 16, kernelSize: 3, padding: 1 }],
  [6, 6, 16, 2, { filters: 32, kernelSize: 1 }],
  [6, 6, 7, 4, { filters: 9, kernelSize: 2 }],
  [9, 9, 3, 5, { filters: 4, kernelSize: 3, strides: 2 }],
  [9, 8, 3, 5, { filters: 4, kernelSize: 3, strides: 2, padding: 1 }],
  [8, 8, 5, 5, { filters: 4, kernelSize: 3, strides: 2, padding: [0, 1, 0, 1] }],
  [10, 9, 2, 3, { filters: 3, kernelSize: 3, strides: 3 }],
  [10, 9, 2, 3, { filters: 3, kernelSize: 2, strides: 3 }],
  [7, 7, 3, 5, { filters: 4, kernelSize: 1, strides: 2 }],
  [9, 9, 3, 3, { filters: 4, kernelSize: 5, strides: [2, 1], padding: [2, 2, 1, 0] }],
  [9, 7, 1, 17, { filters: 5, kernelSize: [1, 7], padding: [0, 0, 3, 3] }],
  [7, 9, 3, 5, { filters: 5, kernelSize: [7, 1], padding: [3, 3, 0, 0] }],
  [7, 9, 3, 5, { filters: 5, kernelSize: [2, 3], strides: [1, 2] }],
  [7, 7, 3, 5, { filters: 4, kernelSize: 3, padding: [0, 2, 1, 0] }],
  [6, 6, 3, 5, { filters: 4, kernelSize: 4, padding: [1, 2, 1, 2] }],
  [4, 4, 3, 5, { filters: 4, kernelSize: 3, padding: 3 }],
  [9, 9, 3, 5, { filters: 4, kernelSize: 3, dilation: 2 }],
  [9, 9, 5, 5, { filters: 4, kernelSize: 3, dilation: 2, padding: 2 }],
  [11, 9, 2, 3, { filters: 4, kernelSize: 3, dilation: [3, 1], padding: [3, 3, 1, 1] }],
  [11, 11, 2, 3, { filters: 4, kernelSize: 3, dilation: 2, strides: 2, padding: [1, 2, 2, 1] }],
  [6, 6, 4, 5, { filters: 4, kernelSize: 3, groups: 2 }],
  [6, 6, 4, 5, { filters: 8, kernelSize: 3, groups: 4, padding: 1 }],
  [6, 6, 6, 17, { filters: 3, kernelSize: 3, groups: 3, padding: 1 }],
  [5, 5, 64, 3, { filters: 64, kernelSize: 3, groups: 64, padding: 1 }],
  [5, 5, 32, 3, { filters: 64, kernelSize: 1, groups: 4 }],
  [7, 7, 6, 5, { filters: 6, kernelSize: 3, groups: 3, strides: 2, dilation: 2, padding: [2, 1, 1, 2] }],
  [5, 5, 3, 17, { filters: 4, kernelSize: 3, useBias: false }],
  [6, 6, 4, 5, { filters: 4, kernelSize: 3, groups: 2, useBias: false }],
  [5, 5, 3, 5, { filters: 4, kernelSize: 5 }],
  [2, 2, 40, 5, { filters: 100, kernelSize: 2 }],
  [1, 1, 5, 5, { filters: 7, kernelSize: 1 }],
  [1, 9, 3, 5, { filters: 4, kernelSize: [1, 3] }],
  [13, 13, 3, 1, { filters: 4, kernelSize: 3, padding: 1 }],
  [16, 16, 8, 2, { filters: 8, kernelSize: 3, padding: 1 }],
  // Enough channels for Winograd's convolution: odd and even sizes, more and less padding than its tiles have.
  [5, 7, 40, 3, { filters: 64, kernelSize: 3, padding: 1 }],
  [6, 5, 64, 2, { filters: 36, kernelSize: 3 }],
  [4, 12, 32, 17, { filters: 33, kernelSize: 3, padding: [0, 1, 2, 0] }],
  [3, 3, 34, 3, { filters: 47, kernelSize: 3, padding: 3, useBias: false }],
  [1, 2, 64, 2, { filters: 50, kernelSize: 3, padding: 1 }],
  [8, 8, 70, 18, { filters: 65, kernelSize: 3, padding: 1 }],
  [6, 6, 3, 5, { filters: 4, kernelSize: 3, trainable: false }],
]

/** The convolution reads the image itself: its input gradient is not needed. */
const firstConvCases: readonly ConvCase[] = [
  [9, 9, 1, 17, { filters: 6, kernelSize: 5, padding: 2 }],
  [9, 9, 3, 5, { filters: 16, kernelSize: 3, padding: 1 }],
  [9, 7, 3, 33, { filters: 5, kernelSize: 3, strides: 2, padding: [0, 1, 1, 0] }],
  [6, 6, 5, 1, { filters: 7, kernelSize: 3, dilation: 2 }],
  [6, 6, 2, 5, { filters: 4, kernelSize: 3, groups: 2 }],
]

type PoolCase = readonly [
  height: number,
  width: number,
  channels: number,
  batch: number,
  settings: PoolSettings,
]

const poolCases: readonly PoolCase[] = [
  [6, 6, 1, 1, { poolSize: 2 }],
  [7, 7, 3, 5, { poolSize: 2 }],
  [8, 6, 5, 17, { poolSize: 2 }],
  [6, 6, 64, 5, { poolSize: 2 }],
  [7, 7, 3, 5, { poolSize: 3, strides: 2 }],
  [7, 7, 3, 5, { poolSize: 3, strides: 2, padding: 1 }],
  [6, 7, 3, 33, { poolSize: 3, strides: 1, padding: 1 }],
  [7, 7, 3, 5, { poolSize: 3 }],
  [7, 7, 5, 5, { poolSize: [2, 3], strides: [1, 2] }],
  [7, 7, 3, 5, { poolSize: 2, strides: 3 }],
  [6, 6, 3, 5, { poolSize: 3, strides: 2, padding: [0, 1, 0, 1] }],
  [6, 5, 2, 3, { poolSize: 4, strides: 2, padding: [3, 0, 1, 2] }],
  [5, 5, 3, 5, { poolSize: 5 }],
  [5, 5, 3, 5, { poolSize: 1 }],
]

const activationKinds: readonly (readonly [ActivationKind, number])[] = [
  ['relu', 0],
  ['leakyRelu', 0.01],
  ['leakyRelu', 0.3],
  ['elu', 1],
  ['elu', 0.5],
  ['gelu', 0],
  ['sigmoid', 0],
  ['tanh', 0],
  ['softplus', 1],
  ['softplus', 2.5],
]

const mapSizes: readonly (readonly [number, number, number, number])[] = [
  [5, 5, 1, 1],
  [5, 3, 3, 5],
  [3, 3, 5, 17],
  [2, 3, 64, 33],
]

function activationCases(): ConformanceCase[] {
  return activationKinds.flatMap(([kind, alpha]) => [
    ...mapSizes.map(([h, w, c, batch]) =>
      one(
        'activation',
        `${kind} ${alpha} on ${h}×${w}×${c}, batch ${batch}`,
        mapped(h, w, c).activation('act', kind, alpha).head(3),
        batch,
      ),
    ),
    one('activation', `${kind} ${alpha} on a vector`, vector(7).activation('act', kind, alpha).head(3), 5),
  ])
}

function normalisationCases(): ConformanceCase[] {
  return mapSizes.flatMap(([h, w, c, batch]) => [
    one(
      'batchNorm',
      `on ${h}×${w}×${c}, batch ${batch}, two steps`,
      mapped(h, w, c, false).batchNorm('bn').head(3),
      batch,
      { counts: [batch, batch] },
    ),
    one(
      'batchNorm',
      `momentum 0.5, epsilon 1e-5, on ${h}×${w}×${c}, batch ${batch}`,
      mapped(h, w, c, false).batchNorm('bn', { momentum: 0.5, epsilon: 1e-5 }).head(3),
      batch,
    ),
    one(
      'batchNorm',
      `frozen, on ${h}×${w}×${c}, batch ${batch}`,
      mapped(h, w, c).batchNorm('bn', { frozen: true }).head(3),
      batch,
    ),
  ])
}

function shortBatchCases(): ConformanceCase[] {
  const counts = [7, 3, 1]
  const conv = mapped(5, 5, 3).conv2d('conv', { filters: 4, kernelSize: 3, padding: 1 })
  return [
    one('conv2d', 'short batches 7, 3, 1 of 7', conv.head(3), 7, { counts }),
    one('batchNorm', 'short batches 33, 17, 5 of 33', mapped(3, 3, 5, false).batchNorm('bn').head(3), 33, {
      counts: [33, 17, 5],
    }),
    one('batchNorm', 'on a vector, short batches 7, 3 of 7', vector(6, false).batchNorm('bn').head(3), 7, {
      counts: [7, 3],
    }),
    one('dropout', 'short batches 7, 3, 1 of 7', mapped(5, 3, 3).dropout('drop', 0.4).head(3), 7, { counts }),
    one('dense', 'short batches 7, 3, 1 of 7', vector(5).dense('dense', 9).head(3), 7, { counts }),
    one(
      'maxPool2d',
      'short batches 7, 3, 1 of 7',
      mapped(6, 6, 3).pool('maxPool2d', 'pool', { poolSize: 2 }).head(3),
      7,
      { counts },
    ),
  ]
}

function mergeCases(): ConformanceCase[] {
  const branch = (): NetworkBuilder => {
    const builder = mapped(5, 3, 4)
    builder.conv2d('a', { filters: 4, kernelSize: 3, padding: 1 }, 'pre')
    builder.conv2d('b', { filters: 4, kernelSize: 1 }, 'pre')
    return builder
  }
  const unequal = (): NetworkBuilder => branch().conv2d('c', { filters: 3, kernelSize: 1 }, 'b')
  const vectors = (): NetworkBuilder => vector(5).dense('a', 4).dense('b', 4, true, 'pre')
  const sizes = [1, 5, 17]
  return sizes.flatMap((batch) => [
    one('add', `two maps, batch ${batch}`, branch().add('sum', ['a', 'b']).head(3), batch),
    one(
      'add',
      `three maps, one a shortcut, batch ${batch}`,
      branch().add('sum', ['a', 'b', 'pre']).head(3),
      batch,
    ),
    one('add', `a map to itself, batch ${batch}`, mapped(3, 3, 3).add('sum', ['pre', 'pre']).head(3), batch),
    one('add', `two vectors, batch ${batch}`, vectors().add('sum', ['a', 'b']).head(3), batch),
    one('concat', `two maps, batch ${batch}`, branch().concat('cat', ['a', 'b']).head(3), batch),
    one(
      'concat',
      `three maps of 3, 4 and 4 channels, batch ${batch}`,
      unequal().concat('cat', ['c', 'a', 'pre']).head(3),
      batch,
    ),
    one(
      'concat',
      `a map twice, batch ${batch}`,
      mapped(3, 3, 3).concat('cat', ['pre', 'pre']).head(3),
      batch,
    ),
    one('concat', `two vectors, batch ${batch}`, vectors().concat('cat', ['b', 'a']).head(3), batch),
    one(
      'concat',
      `with the image itself, batch ${batch}`,
      mapped(5, 3, 3).concat('cat', ['pre', 'in']).head(3),
      batch,
    ),
  ])
}

const denseCases: readonly (readonly [inputs: number, units: number, batch: number, useBias: boolean])[] = [
  [1, 1, 1, true],
  [3, 5, 5, true],
  [5, 3, 17, true],
  [64, 5, 5, true],
  [5, 64, 33, true],
  [64, 64, 16, true],
  [130, 97, 3, true],
  [33, 130, 1, true],
  [7, 9, 5, false],
  [64, 10, 33, false],
]

/** Images as they come: every type of number, odd sizes, many bands. */
function gatherCases(): ConformanceCase[] {
  const sizes = [
    [7, 5, 1, 17],
    [5, 7, 3, 5],
    [3, 3, 4, 33],
    [9, 5, 13, 3],
    [1, 1, 64, 16],
  ] as const
  const types: readonly (readonly [PixelType, Options])[] = [
    ['uint8', {}],
    ['uint16', { scale: 1 / 10_000 }],
    ['float32', { scale: 1 }],
    ['float32', {}],
  ]
  return types.flatMap(([pixels, options]) =>
    sizes.flatMap(([height, width, channels, batch]) =>
      [false, true].map((changing) => {
        const about = `${pixels}${options.scale === undefined ? '' : ` · ${options.scale}`}${changing ? ', streamed' : ''}`
        return one(
          'gather',
          `${about}: ${height}×${width}×${channels}, batches ${batch} and 1`,
          new NetworkBuilder([height, width, channels]).head(3),
          batch,
          { ...options, pixels, changing, counts: [batch, 1] },
        )
      }),
    ),
  )
}

/** Every way to change a training image by itself, and all of them for every type of number. */
function augmentationCases(): ConformanceCase[] {
  const all = {
    ...{ flipHorizontal: true, flipVertical: true, rotate: true, shift: 0.3, crop: 0.6 },
    ...{ brightness: 0.4, contrast: 0.3, noise: 0.2 },
  }
  const square = [9, 9, 3] as const
  const wide = [7, 12, 2] as const
  const { crop: _, ...whole } = all
  const cases: readonly (readonly [
    Partial<AugmentationSettings>,
    readonly [number, number, number],
    Options,
  ])[] = [
    [{ flipHorizontal: true }, wide, {}],
    [{ flipVertical: true }, wide, { pixels: 'uint16', scale: 1 / 10_000 }],
    [{ rotate: true }, square, {}],
    [{ rotate: true }, wide, {}],
    [{ shift: 0.5 }, wide, { pixels: 'float32', scale: 1 }],
    [{ crop: 0.3 }, square, {}],
    [{ brightness: 1, contrast: 0.5 }, [5, 5, 13], {}],
    [{ noise: 0.5 }, [33, 35, 2], {}],
    ...(['uint8', 'uint16', 'float32'] as const).flatMap((pixels) => {
      const options = { pixels, scale: pixels === 'uint16' ? 1 / 10_000 : 1 / 255 }
      return [
        [all, square, options],
        [all, [33, 35, 1], { ...options, changing: true }],
        [whole, [1, 6, 4], { ...options, changing: true }],
        [all, [6, 6, 13], options],
      ] as const
    }),
  ]
  return cases.map(([augmentation, size, options]) =>
    one(
      'gather',
      `${text(augmentation)} of ${options.pixels ?? 'uint8'} ${size.join('×')}${options.changing ? ', streamed' : ''}`,
      new NetworkBuilder([...size]).head(3),
      33,
      { ...options, augmentation, counts: [33, 5] },
    ),
  )
}

const croppings: readonly Padding4[] = [
  [1, 1, 1, 1],
  [0, 3, 2, 0],
  [4, 4, 0, 7],
]

function lossCases(): ConformanceCase[] {
  const settings: readonly Options[] = [
    { labelSmoothing: 0.1 },
    { labelSmoothing: 0.9 },
    { classWeights: true },
    { labelSmoothing: 0.2, classWeights: true },
  ]
  const about = ({ labelSmoothing = 0, classWeights = false }: Options): string =>
    `smoothing ${labelSmoothing}${classWeights ? ', weighted' : ''}`
  return settings.flatMap((options) => [
    ...(
      [
        [2, 1],
        [10, 17],
        [100, 33],
      ] as const
    ).map(([classes, batch]) =>
      one(
        'softmaxCrossEntropy',
        `${about(options)}: ${classes} classes, batch ${batch}`,
        vector(6).head(classes),
        batch,
        options,
      ),
    ),
    one('softmaxCrossEntropy', `${about(options)}: short batches 33, 17, 1`, vector(6).head(5), 33, {
      ...options,
      counts: [33, 17, 1],
    }),
    one('softmaxCrossEntropy', `${about(options)}: images of unknown class`, vector(6).head(4), 17, {
      ...options,
      someUnlabelled: true,
    }),
  ])
}

/** What a plan is compiled with, besides the batch. */
export function planSettings({
  optimizer,
  clipNorm,
  labelSmoothing,
  classWeights,
  augmentation,
}: ConformanceCase) {
  return {
    augmentation: augmentationSchema.parse(augmentation ?? {}),
    optimizer,
    clipNorm: clipNorm ?? null,
    labelSmoothing: labelSmoothing ?? 0,
    classWeights: classWeights ?? false,
  }
}

const paddings: readonly Padding4[] = [
  [1, 1, 1, 1],
  [0, 2, 1, 0],
  [3, 0, 0, 0],
  [0, 0, 0, 0],
]

function lenet(): Network {
  return new NetworkBuilder([16, 16, 1])
    .conv2d('c1', { filters: 6, kernelSize: 5, padding: 2 })
    .activation('s1', 'sigmoid')
    .pool('avgPool2d', 'p1', { poolSize: 2 })
    .conv2d('c2', { filters: 16, kernelSize: 5 })
    .activation('s2', 'sigmoid')
    .pool('avgPool2d', 'p2', { poolSize: 2 })
    .flatten('flat')
    .dense('d1', 20)
    .activation('s3', 'sigmoid')
    .dense('d2', 10)
    .build()
}

function vgg(): Network {
  return new NetworkBuilder([8, 8, 3])
    .conv2d('c1', { filters: 8, kernelSize: 3, padding: 1 })
    .activation('r1', 'relu')
    .conv2d('c2', { filters: 8, kernelSize: 3, padding: 1 })
    .activation('r2', 'relu')
    .pool('maxPool2d', 'p1', { poolSize: 2 })
    .conv2d('c3', { filters: 16, kernelSize: 3, padding: 1 })
    .activation('r3', 'relu')
    .pool('maxPool2d', 'p2', { poolSize: 2 })
    .flatten('flat')
    .dense('d1', 16)
    .activation('r4', 'relu')
    .dropout('drop', 0.5)
    .dense('d2', 5)
    .build()
}

function residual(): Network {
  return new NetworkBuilder([9, 7, 3])
    .conv2d('stem', { filters: 8, kernelSize: 3, padding: 1, useBias: false })
    .batchNorm('bn0')
    .activation('r0', 'relu')
    .conv2d('c1', { filters: 8, kernelSize: 3, padding: 1, useBias: false })
    .batchNorm('bn1')
    .activation('r1', 'relu')
    .conv2d('c2', { filters: 8, kernelSize: 3, padding: 1, useBias: false })
    .batchNorm('bn2')
    .add('sum', ['bn2', 'r0'])
    .activation('r2', 'relu')
    .conv2d('down', { filters: 12, kernelSize: 3, strides: 2, padding: 1 })
    .concat('cat', ['down', 'down'])
    .dropout('drop', 0.25)
    .globalAvgPool2d('gap')
    .dense('head', 4)
    .build()
}

const optimizers: readonly (readonly [label: string, settings: OptimizerSettings])[] = [
  ['sgd', plainSgd],
  ['sgd with weight decay', { ...plainSgd, weightDecay: 0.01 }],
  ['momentum', { ...plainSgd, momentum: 0.9 }],
  ['nesterov with weight decay', { ...plainSgd, momentum: 0.9, nesterov: true, weightDecay: 0.01 }],
  ['adam', { type: 'adam', learningRate: 0.002, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 }],
  [
    'adam with weight decay',
    { type: 'adam', learningRate: 0.002, beta1: 0.8, beta2: 0.99, epsilon: 1e-6, weightDecay: 0.01 },
  ],
  [
    'adamw',
    { type: 'adamw', learningRate: 0.002, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.05 },
  ],
  [
    'rmsprop',
    { type: 'rmsprop', learningRate: 0.001, alpha: 0.99, epsilon: 1e-8, momentum: 0, weightDecay: 0 },
  ],
  [
    'rmsprop with momentum and weight decay',
    { type: 'rmsprop', learningRate: 0.001, alpha: 0.9, epsilon: 1e-8, momentum: 0.9, weightDecay: 0.01 },
  ],
]

const smooth = (): Network =>
  new NetworkBuilder([6, 6, 2])
    .conv2d('c1', { filters: 5, kernelSize: 3 })
    .activation('t1', 'tanh')
    .flatten('flat')
    .dense('d1', 7)
    .activation('t2', 'tanh')
    .dense('d2', 3)
    .build()

export const conformanceCases: readonly ConformanceCase[] = [
  ...convCases.map(([h, w, c, batch, settings]) =>
    one(
      'conv2d',
      `${h}×${w}×${c}, batch ${batch}: ${text(settings)}`,
      mapped(h, w, c).conv2d('conv', settings).head(3),
      batch,
    ),
  ),
  ...firstConvCases.map(([h, w, c, batch, settings]) =>
    one(
      'conv2d',
      `on the image ${h}×${w}×${c}, batch ${batch}: ${text(settings)}`,
      new NetworkBuilder([h, w, c] as Shape).conv2d('conv', settings).head(3),
      batch,
    ),
  ),
  ...denseCases.map(([inputs, units, batch, useBias]) =>
    one(
      'dense',
      `${inputs} → ${units}, batch ${batch}${useBias ? '' : ', no bias'}`,
      vector(inputs).dense('dense', units, useBias).head(3),
      batch,
    ),
  ),
  one('dense', 'frozen', vector(5).dense('dense', 4, true, 'pre', false).head(3), 5),
  ...(['maxPool2d', 'avgPool2d'] as const).flatMap((op) =>
    poolCases.map(([h, w, c, batch, settings]) =>
      one(
        op,
        `${h}×${w}×${c}, batch ${batch}: ${text(settings)}`,
        mapped(h, w, c).pool(op, 'pool', settings).head(3),
        batch,
      ),
    ),
  ),
  one(
    'maxPool2d',
    'ties: the first largest takes the gradient',
    mapped(7, 7, 3).pool('maxPool2d', 'pool', { poolSize: 3, strides: 2, padding: 1 }).head(3),
    5,
    { flatImages: true },
  ),
  one(
    'maxPool2d',
    'ties of zeros after relu',
    mapped(6, 6, 5).activation('relu', 'relu').pool('maxPool2d', 'pool', { poolSize: 2 }).head(3),
    17,
  ),
  ...mapSizes.map(([h, w, c, batch]) =>
    one(
      'globalAvgPool2d',
      `${h}×${w}×${c}, batch ${batch}`,
      mapped(h, w, c).globalAvgPool2d('gap').head(3),
      batch,
    ),
  ),
  ...mapSizes.flatMap(([h, w, c, batch]) =>
    paddings.map((padding) =>
      one(
        'zeroPad2d',
        `${h}×${w}×${c}, batch ${batch}: ${padding.join(' ')}`,
        mapped(h, w, c).zeroPad2d('pad', padding).head(3),
        batch,
      ),
    ),
  ),
  ...croppings.map((padding) =>
    one('crop2d', `9×8×5: ${padding.join(' ')}`, mapped(9, 8, 5).crop2d('crop', padding).head(3), 17),
  ),
  ...activationCases(),
  ...mapSizes.map(([h, w, c, batch]) =>
    one('softmax', `on ${h}×${w}×${c}, batch ${batch}`, mapped(h, w, c).softmax('soft').head(3), batch),
  ),
  one('softmax', 'on a vector of 7', vector(7).softmax('soft').head(3), 5),
  one('softmax', 'on a vector of 100', vector(100).softmax('soft').head(3), 17),
  ...normalisationCases(),
  one('batchNorm', 'straight on the image', new NetworkBuilder([4, 4, 3]).batchNorm('bn').head(3), 5),
  one('batchNorm', 'on a vector', vector(7, false).batchNorm('bn').head(3), 17),
  ...[0, 0.1, 0.5, 0.9].flatMap((rate) =>
    mapSizes.map(([h, w, c, batch]) =>
      one(
        'dropout',
        `${rate} on ${h}×${w}×${c}, batch ${batch}`,
        mapped(h, w, c).dropout('drop', rate).head(3),
        batch,
      ),
    ),
  ),
  one(
    'dropout',
    'two in a row, on a vector, three steps',
    vector(9).dropout('one', 0.3).dropout('two', 0.3).head(3),
    5,
    { counts: [5, 5, 5] },
  ),
  ...mapSizes.map(([h, w, c, batch]) =>
    one('flatten', `${h}×${w}×${c}, batch ${batch}`, mapped(h, w, c).flatten('flatten').head(3), batch),
  ),
  ...mergeCases(),
  ...[2, 3, 10, 100].flatMap((classes) =>
    [1, 5, 17, 33].map((batch) =>
      one('softmaxCrossEntropy', `${classes} classes, batch ${batch}`, vector(6).head(classes), batch),
    ),
  ),
  one('softmaxCrossEntropy', 'images of unknown class', vector(6).head(4), 17, { someUnlabelled: true }),
  ...lossCases(),
  ...shortBatchCases(),
  ...[1, 5, 17, 33].flatMap((batch) => [
    one('network', `LeNet-like, batch ${batch}`, lenet(), batch),
    one('network', `VGG-like, batch ${batch}`, vgg(), batch),
    one('network', `residual, batch ${batch}`, residual(), batch),
  ]),
  ...optimizers.map(([label, optimizer]) =>
    one('optimizer', `${label}, five steps`, smooth(), 5, { counts: [5, 5, 3, 5, 5], optimizer }),
  ),
  ...optimizers.map(([label, optimizer]) =>
    one('optimizer', `${label}, gradients clipped`, smooth(), 5, {
      counts: [5, 3, 5],
      optimizer,
      clipNorm: 0.1,
    }),
  ),
  // The norm of these gradients is about 1: a bound that sometimes acts, and one that never does.
  ...[1, 1e6].map((clipNorm) =>
    one('optimizer', `gradients clipped to ${clipNorm}`, smooth(), 5, { counts: [5, 3, 5], clipNorm }),
  ),
  // More parameters than one part of the norm takes, and a batch whose gradients come in several pieces.
  one('optimizer', 'many parameters clipped', vector(130).dense('dense', 97).head(3), 200, {
    clipNorm: 0.05,
  }),
  one('network', 'clipped, smoothed and weighted, with batch normalisation and dropout', residual(), 33, {
    counts: [33, 20],
    clipNorm: 0.5,
    labelSmoothing: 0.1,
    classWeights: true,
  }),
  // At the end: a case's numbers are drawn by its place in this list.
  ...gatherCases(),
  ...augmentationCases(),
]
