/**
 * Winograd's convolution for 3 × 3 kernels at stride 1: 16 multiplications where the direct way takes 36. Forward and, with
 * flipped taps, input gradient. `conv` is the direct way.
 */
import { runTile, Tile } from './convTile'
import { CELL, partStart, Step } from './layout'
import { positionBytes, transformInput } from './winogradInput'

@unmanaged
class WinogradArgs {
  x: usize
  /** Packed by `packWinograd`: `[position][tile of filters][channel][filter]`. */
  weights: usize
  /** One float per filter, or 0 for none. */
  bias: usize
  y: usize
  stride: usize
  inHeight: i32
  inWidth: i32
  channels: i32
  outHeight: i32
  outWidth: i32
  filters: i32
  padTop: i32
  padLeft: i32
  /** Tiles of filters, of equal size or one filter apart. */
  tiles: i32
  /** Images that the micro-kernel takes at once, 8 or 16. */
  lanes: i32
  /** Tiles of 2 × 2 outputs taken at once. */
  columns: i32
}

/** Scratch before the transformed input: the micro-kernel's work. */
const HEAD: usize = 64

/** One row of Aᵀ m A for a half cell: two outputs. `last`: the second row, m₁ − m₂ − m₃ instead of m₀ + m₁ + m₂. */
@inline
function outputRow(last: bool, m: usize, position: usize, bias: v128, y: usize, pixel: usize, two: bool): void {
  const row = 4 * position
  const m1 = last ? m + row : m
  const m2 = m1 + row
  const m3 = m2 + row
  let at: usize = 0
  const s0 = outputSum(last, m1 + at, m2 + at, m3 + at)
  const t0 = outputSum(last, m1 + at + 16, m2 + at + 16, m3 + at + 16)
  at += position
  const s1 = outputSum(last, m1 + at, m2 + at, m3 + at)
  const t1 = outputSum(last, m1 + at + 16, m2 + at + 16, m3 + at + 16)
  at += position
  const s2 = outputSum(last, m1 + at, m2 + at, m3 + at)
  const t2 = outputSum(last, m1 + at + 16, m2 + at + 16, m3 + at + 16)
  at += position
  const s3 = outputSum(last, m1 + at, m2 + at, m3 + at)
  const t3 = outputSum(last, m1 + at + 16, m2 + at + 16, m3 + at + 16)
  v128.store(y, f32x4.add(f32x4.add(f32x4.add(s0, s1), s2), bias))
  v128.store(y, f32x4.add(f32x4.add(f32x4.add(t0, t1), t2), bias), 16)
  if (two) {
    v128.store(y + pixel, f32x4.add(f32x4.sub(f32x4.sub(s1, s2), s3), bias))
    v128.store(y + pixel, f32x4.add(f32x4.sub(f32x4.sub(t1, t2), t3), bias), 16)
  }
}

@inline
function outputSum(last: bool, a: usize, b: usize, c: usize): v128 {
  const v = v128.load(a)
  const w = v128.load(b)
  return last
    ? f32x4.sub(f32x4.sub(v, w), v128.load(c))
    : f32x4.add(f32x4.add(v, w), v128.load(c))
}

/** All filters of one tile: m `[position][filter]` → `rows` × `columns` (1 or 2) output pixels. */
function transformOutput(
  m: usize,
  position: usize,
  filters: i32,
  bias: usize,
  y: usize,
  line: usize,
  rows: i32,
  columns: i32,
): void {
  const pixel = <usize>filters * CELL
  for (let f = 0; f < filters; f++) {
    const b = v128.load_splat<f32>(bias)
    for (let half: usize = 0; half < CELL; half += 32) {
      outputRow(false, m + half, position, b, y + half, pixel, columns > 1)
      if (rows > 1) outputRow(true, m + half, position, b, y + half + line, pixel, columns > 1)
    }
    m += CELL
    y += CELL
    if (bias) bias += 4
  }
}

/** Item: (block, row of tiles). */
export function winograd(begin: i32, end: i32, step: Step, a: WinogradArgs): void {
  const channels = a.channels
  const filters = a.filters
  const tiles = a.tiles
  const lanes = a.lanes
  const tileRows = (a.outHeight + 1) >> 1
  const tileColumns = (a.outWidth + 1) >> 1
  const inPosition = positionBytes(a.columns, channels)
  const outPosition = positionBytes(a.columns, filters)
  const weightPosition = <usize>(channels * filters) << 2
  const work = changetype<Tile>(step.scratch)
  const input = step.scratch + HEAD
  const output = input + 16 * inPosition
  const patch = output + 16 * outPosition
  const yPixel = <usize>filters * CELL
  const yLine = <usize>a.outWidth * yPixel
  work.rows = 1
  work.segments = 1
  work.run = channels
  work.bias = 0

  for (let item = begin; item < end; item++) {
    const block = <usize>(item / tileRows) * a.stride
    const top = (item % tileRows) * 2
    const rows = min(2, a.outHeight - top)
    for (let first = 0; first < tileColumns; first += a.columns) {
      const count = min(a.columns, tileColumns - first)
      const left = first * 2
      const x = a.x + block
      transformInput(
        x,
        a.inHeight,
        a.inWidth,
        channels,
        top - a.padTop,
        left - a.padLeft,
        count,
        input,
        inPosition,
        patch,
      )
      for (let p: usize = 0; p < 16; p++) {
        const from = input + p * inPosition
        const to = output + p * outPosition
        let w = a.weights + p * weightPosition
        for (let t = 0; t < tiles; t++) {
          const f = <i32>partStart(filters, t, tiles)
          const n = <i32>partStart(filters, t + 1, tiles) - f
          for (let column = 0; column < count; column++) {
            work.x = from + <usize>(column * channels) * CELL
            work.w = w
            work.y = to + <usize>(column * filters + f) * CELL
            runTile(n, lanes, work)
          }
          w += <usize>(channels * n) << 2
        }
      }
      for (let column = 0; column < count; column++) {
        const y = a.y + block + <usize>top * yLine + <usize>(left + 2 * column) * yPixel
        const m = output + <usize>(column * filters) * CELL
        transformOutput(m, outPosition, filters, a.bias, y, yLine, rows, min(2, a.outWidth - left - 2 * column))
      }
    }
  }
}

@unmanaged
class PackWinogradArgs {
  /** `[3][3][channels][filters]`. */
  kernel: usize
  packed: usize
  channels: i32
  filters: i32
  /** Tiles of filters (of channels, for the input gradient). */
  tiles: i32
  /** For the input gradient: taps flipped, channels and filters in each other's place. */
  backward: i32
}

/** G g Gᵀ of every channel and filter, in the panels that `winograd` reads. Item: one tile. */
export function packWinograd(begin: i32, end: i32, step: Step, a: PackWinogradArgs): void {
  const backward = a.backward
  const outs = backward ? a.channels : a.filters
  const ins = backward ? a.filters : a.channels
  const outBytes: usize = backward ? (<usize>a.filters) << 2 : 4
  const inBytes: usize = backward ? 4 : (<usize>a.filters) << 2
  const tap = (<usize>(a.channels * a.filters)) << 2
  // From one tap to the next: backwards, beginning at the last.
  const line = backward ? -3 * tap : 3 * tap
  const next = backward ? -tap : tap
  for (let item = begin; item < end; item++) {
    const first = <i32>partStart(outs, item, a.tiles)
    const n = <i32>partStart(outs, item + 1, a.tiles) - first
    let to = a.packed + ((<usize>(first * ins)) << 2)
    const tile = a.kernel + <usize>first * outBytes + (backward ? 8 * tap : 0)
    for (let i = 0; i < ins; i++) {
      for (let o = 0; o < n; o++) {
        const g = tile + <usize>i * inBytes + <usize>o * outBytes
        packColumn(0, g, line, next, to, tap)
        packColumn(1, g, line, next, to, tap)
        packColumn(2, g, line, next, to, tap)
        packColumn(3, g, line, next, to, tap)
        to += 4
      }
    }
  }
}

/** Row `row` of G g, then of G g Gᵀ: four positions. */
@inline
function packColumn(row: i32, g: usize, line: usize, next: usize, to: usize, position: usize): void {
  const a = packRow(row, g, line)
  const b = packRow(row, g + next, line)
  const c = packRow(row, g + 2 * next, line)
  const at = to + <usize>(row * 4) * position
  store<f32>(at, a)
  store<f32>(at + position, (a + b + c) * 0.5)
  store<f32>(at + 2 * position, (a - b + c) * 0.5)
  store<f32>(at + 3 * position, c)
}

@inline
function packRow(row: i32, g: usize, line: usize): f32 {
  if (row == 0) return load<f32>(g)
  if (row == 3) return load<f32>(g + 2 * line)
  const even = load<f32>(g) + load<f32>(g + 2 * line)
  const odd = load<f32>(g + line)
  return (row == 1 ? even + odd : even - odd) * 0.5
}
