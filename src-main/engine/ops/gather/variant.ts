/**
 * How a training image differs this time. All that is random is drawn here, once per image, for every executor; kernels only
 * apply it. The draws hang on the run's seed, the epoch and the image's number in the training set alone: no stream is used up,
 * so neither batches, threads nor a stop and a start change them.
 *
 * ```
 * key      = mix(mix(mix(mix(seed + G) + S + G) + epoch + G) + image + G)       (mix, G: dropoutMask.ts; S: this stream's name)
 * draw(k)  = mix(mix(k + G) ^ key) / 2³²                                        (k = 0, 1, …: below)
 *
 * x[r, c, b]  = (value(row, column, b) / divisor − mean[b]) · invStd[b]        (nothing more where that is no number: 0)
 * x′          = x · gain + offset + noise · gauss(i)                             (i = (r · width + c) · bands + b)
 * ```
 *
 * Where the value comes from, as 16.16 fixed-point numbers, so that all executors agree on them bit for bit:
 *
 * ```
 * row    = clamp(rowStart + r · rowByRow + c · rowByColumn, 0, (height − 1) · 2¹⁶)        column likewise
 * value(row, column, b): between the up to four pixels at ⌊row⌋, ⌈row⌉ × ⌊column⌋, ⌈column⌉, linearly; no number if one of them is none
 * ```
 *
 * They undo, in this order: quarter turns (as numpy.rot90), the flips, the cut `(r + ½) · s + from − ½`, the shift. Clamping
 * continues the edge's pixels outwards.
 *
 * ```
 * first = mix(mix(i + G) ^ noiseKey)        second = mix(first + G)
 * gauss(i) = (sum of the eight bytes of first and second − 1020) / √(8 · (256² − 1) / 12)
 * ```
 *
 * That sum has mean 0, standard deviation 1 and excess kurtosis −0.15, and is whole until it is divided; it ends at 4.88.
 */
import type { StepRequest } from '#shared/engine/executor'
import type { Plan } from '#shared/engine/plan'
import { InterlockError } from '#shared/issues/errors'
import type { AugmentationSettings } from '#shared/training/augmentation'
import { hashText } from '../../hashText'
import { mix32 } from '../dropout/dropoutMask'

const golden = 0x9e3779b9
const stream = hashText('augmentation')
/** Standard deviation of the sum of eight random bytes. */
export const byteSumDeviation = Math.sqrt((8 * (256 ** 2 - 1)) / 12)

/** One, as a fixed-point number. */
export const fixedOne = 65536

/** What is done to one image. Positions and steps are 16.16 fixed-point numbers. */
export interface Variant {
  rowStart: number
  rowByRow: number
  rowByColumn: number
  columnStart: number
  columnByRow: number
  columnByColumn: number
  noiseKey: number
  gain: number
  offset: number
}

/** 32-bit words of a variant, in the order of its fields above. */
export const variantWords = 9

/** Writes those words, `stride` apart, from word `at` of the two views of one memory. */
export function writeVariant(
  variant: Variant,
  integers: Int32Array,
  floats: Float32Array,
  at: number,
  stride: number,
): void {
  integers[at] = variant.rowStart
  integers[at + stride] = variant.rowByRow
  integers[at + 2 * stride] = variant.rowByColumn
  integers[at + 3 * stride] = variant.columnStart
  integers[at + 4 * stride] = variant.columnByRow
  integers[at + 5 * stride] = variant.columnByColumn
  integers[at + 6 * stride] = variant.noiseKey
  floats[at + 7 * stride] = variant.gain
  floats[at + 8 * stride] = variant.offset
}

/** Whether values are taken from between pixels. */
export function liesBetween({ crop }: AugmentationSettings): boolean {
  return crop < 1
}

/** What the sum of eight random bytes is multiplied by. */
export function noiseStep({ noise }: AugmentationSettings): number {
  return noise / byteSumDeviation
}

/** How a plan changes its training images; null where it does not. */
export function planAugmentation({ train }: Plan): AugmentationSettings | null {
  const pass = train.find(({ kernel }) => kernel === 'gather')
  return pass?.kernel === 'gather' ? (pass.attrs.augmentation ?? null) : null
}

/** Throws INTERNAL where a training step would change its images but does not say what is drawn for them. */
export function requireDrawn(plan: Plan, { mode, drawn, indices }: StepRequest): void {
  if (mode !== 'train' || planAugmentation(plan) === null || drawn?.images.length === indices.length) return
  throw new InterlockError('INTERNAL', {
    problem: 'the plan augments, and the step does not say which images',
  })
}

export interface VariantOf {
  seed: number
  /** From 1. */
  epoch: number
  /** Number of the image in the training set. */
  image: number
}

const draws = {
  flipHorizontal: 0,
  flipVertical: 1,
  turns: 2,
  shiftRow: 3,
  shiftColumn: 4,
  crop: 5,
  cropRow: 6,
  cropColumn: 7,
  gain: 8,
  offset: 9,
  noise: 10,
} as const

export function drawVariant(
  settings: AugmentationSettings,
  height: number,
  width: number,
  { seed, epoch, image }: VariantOf,
): Variant {
  let key = mix32((seed + golden) | 0)
  for (const part of [stream, epoch, image]) key = mix32((key + part + golden) | 0)
  const word = (k: number): number => mix32(mix32((k + golden) | 0) ^ key)
  const draw = (k: number): number => word(k) / 2 ** 32
  /** −1 … 1 */
  const around = (k: number): number => 2 * draw(k) - 1
  /** A whole number from −most to most, each as likely. */
  const whole = (k: number, most: number): number => Math.floor(draw(k) * (2 * most + 1)) - most

  // From the source back to the output: cut and shift, as a scale and a start for either axis.
  const scale = settings.crop < 1 ? settings.crop + (1 - settings.crop) * draw(draws.crop) : 1
  const step = Math.round(scale * fixedOne)
  const start = (size: number, cut: number, shift: number): number =>
    Math.round(
      (draw(cut) * (1 - scale) * size + (scale - 1) / 2 - whole(shift, Math.floor(settings.shift * size))) *
        fixedOne,
    )
  let row = { start: start(height, draws.cropRow, draws.shiftRow), byRow: step, byColumn: 0 }
  let column = { start: start(width, draws.cropColumn, draws.shiftColumn), byRow: 0, byColumn: step }

  // Each of the following puts other rows and columns of the output in the place of r and c.
  const reverseRows = ({ start, byRow, byColumn }: typeof row): typeof row => ({
    start: start + (height - 1) * byRow,
    byRow: -byRow,
    byColumn,
  })
  const reverseColumns = ({ start, byRow, byColumn }: typeof row): typeof row => ({
    start: start + (width - 1) * byColumn,
    byRow,
    byColumn: -byColumn,
  })
  const swap = ({ start, byRow, byColumn }: typeof row): typeof row => ({
    start,
    byRow: byColumn,
    byColumn: byRow,
  })
  const apply = (change: (axis: typeof row) => typeof row): void => {
    row = change(row)
    column = change(column)
  }
  if (settings.flipHorizontal && draw(draws.flipHorizontal) < 0.5) apply(reverseColumns)
  if (settings.flipVertical && draw(draws.flipVertical) < 0.5) apply(reverseRows)
  if (settings.rotate) {
    const turns = height === width ? Math.floor(4 * draw(draws.turns)) : 2 * Math.floor(2 * draw(draws.turns))
    // One turn: output (r, c) is (c, width − 1 − r) of what is turned.
    if (turns % 2 === 1) apply((axis) => reverseRows(swap(axis)))
    if (turns >= 2) apply((axis) => reverseRows(reverseColumns(axis)))
  }
  return {
    rowStart: row.start,
    rowByRow: row.byRow,
    rowByColumn: row.byColumn,
    columnStart: column.start,
    columnByRow: column.byRow,
    columnByColumn: column.byColumn,
    noiseKey: word(draws.noise),
    gain: 1 + settings.contrast * around(draws.gain),
    offset: settings.brightness * around(draws.offset),
  }
}
