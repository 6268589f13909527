/**
 * The arithmetic of a window that slides over a map, shared by convolution and pooling (blocks.md, "Size rule"):
 * `floor((n + before + after − k') / s) + 1` with the effective kernel `k' = dilation · (k − 1) + 1`.
 */
import type { Padding4, Pair, Shape } from '../ops'
import type { FieldRule, ShapeFormula } from './defineBlock'

export type PaddingSetting = 'valid' | 'same' | readonly [number, number, number, number]

/** A window as its block's settings say, pairs spelled out. */
export interface WindowSettings {
  kernel: Pair
  strides: Pair
  dilation: Pair
  padding: PaddingSetting
}

/** What a window does on a map. `output` may be below 1, then the window does not fit. */
export interface SlidingWindow {
  input: Pair
  kernel: Pair
  effectiveKernel: Pair
  strides: Pair
  dilation: Pair
  padding: Padding4
  output: Pair
  /** Real rows and columns at the far edge that are lost because the division was rounded down. */
  neverRead: Pair
}

interface Along {
  output: number
  before: number
  after: number
  effective: number
  neverRead: number
}

/** A plain number means both directions. */
export function toPair(value: number | Pair): Pair {
  return typeof value === 'number' ? [value, value] : value
}

/** A padding of blocks that take numbers only; validation lets no mode through there (`modes` is empty). */
export function fourSides(padding: PaddingSetting): Padding4 {
  return typeof padding === 'string' ? [0, 0, 0, 0] : padding
}

/** One direction of the size rule; `padding` null means "same" (TensorFlow's rule, the smaller half first). */
function slideAlong(
  n: number,
  kernel: number,
  stride: number,
  dilation: number,
  padding: Pair | null,
): Along {
  const effective = dilation * (kernel - 1) + 1
  let [before, after] = padding ?? [0, 0]
  if (padding === null) {
    const total = Math.max((Math.ceil(n / stride) - 1) * stride + effective - n, 0)
    before = Math.floor(total / 2)
    after = total - before
  }
  const room = n + before + after - effective
  const output = Math.floor(room / stride) + 1
  const leftOver = room - (output - 1) * stride
  // Windows further apart than they are long leave gaps anyway; a rest no longer than such a gap is no extra loss.
  const gap = Math.max(stride - effective, 0)
  const neverRead = output >= 1 && leftOver > gap ? Math.min(Math.max(leftOver - after, 0), n) : 0
  return { output, before, after, effective, neverRead }
}

/** Slides a window over `input` `[height, width]`. */
export function slideWindow(
  input: Pair,
  { kernel, strides, dilation, padding }: WindowSettings,
): SlidingWindow {
  const same = padding === 'same'
  const [top, bottom, left, right] = typeof padding === 'string' ? [0, 0, 0, 0] : padding
  const rows = slideAlong(input[0], kernel[0], strides[0], dilation[0], same ? null : [top, bottom])
  const columns = slideAlong(input[1], kernel[1], strides[1], dilation[1], same ? null : [left, right])
  return {
    input,
    kernel,
    effectiveKernel: [rows.effective, columns.effective],
    strides,
    dilation,
    padding: [rows.before, rows.after, columns.before, columns.after],
    output: [rows.output, columns.output],
    neverRead: [rows.neverRead, columns.neverRead],
  }
}

/** How the window makes the receptive field grow. */
export function windowField(window: SlidingWindow): FieldRule {
  return {
    kind: 'window',
    effectiveKernel: window.effectiveKernel,
    strides: window.strides,
    before: [window.padding[0], window.padding[2]],
  }
}

/** Height and width of a map; only for shapes known to be maps. */
export function mapSize(shape: Shape): Pair {
  return [shape[0] ?? 0, shape[1] ?? 0]
}

/** `5×5`; also for strides. */
export function pairText(pair: Pair): string {
  return `${pair[0]}×${pair[1]}`
}

/** `2` when both directions agree, else `2×1`. */
export function shortPairText(value: number | Pair): string {
  const [vertical, horizontal] = toPair(value)
  return vertical === horizontal ? String(vertical) : `${vertical}×${horizontal}`
}

/** A number with a real minus sign. */
export function signedText(n: number): string {
  return n < 0 ? `−${-n}` : String(n)
}

/** The size rule of one direction (0 rows, 1 columns) with numbers, e.g. `(28 + 2+2 − 5) / 1 + 1 = 28`. */
export function sizeFormula(window: SlidingWindow, direction: 0 | 1): string {
  const n = window.input[direction]
  const before = window.padding[direction * 2] ?? 0
  const after = window.padding[direction * 2 + 1] ?? 0
  const kernel = window.effectiveKernel[direction]
  const stride = window.strides[direction]
  const exact = (n + before + after - kernel) % stride === 0
  const quotient = `(${n} + ${before}+${after} − ${kernel}) / ${stride}`
  return `${exact ? quotient : `⌊${quotient}⌋`} + 1 = ${signedText(window.output[direction])}`
}

/** The lines of arithmetic the inspector writes out for a window. */
export function windowFormulas(window: SlidingWindow, padding: PaddingSetting): ShapeFormula[] {
  const lines: ShapeFormula[] = []
  const names = ['height', 'width'] as const
  for (const direction of [0, 1] as const) {
    const dilation = window.dilation[direction]
    if (dilation > 1) {
      const kernel = window.kernel[direction]
      const text = `${dilation} · (${kernel} − 1) + 1 = ${window.effectiveKernel[direction]}`
      lines.push({ label: `Window ${names[direction]}, dilated`, text })
    }
    if (padding === 'same') {
      const before = window.padding[direction * 2] ?? 0
      const after = window.padding[direction * 2 + 1] ?? 0
      const n = window.input[direction]
      const stride = window.strides[direction]
      const output = window.output[direction]
      const needed = (output - 1) * stride + window.effectiveKernel[direction] - n
      const sum = `(${output} − 1) · ${stride} + ${window.effectiveKernel[direction]} − ${n} = ${signedText(needed)}`
      lines.push({ label: `Padding ${names[direction]}`, text: `${sum} → ${before}+${after}` })
    }
    const label = direction === 0 ? 'Height' : 'Width'
    lines.push({ label, text: sizeFormula(window, direction) })
  }
  return lines
}
