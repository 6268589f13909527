/**
 * Convolution as a direct GEMM: no patches are copied. One output pixel of 16 images and a tile of up to 4 filters is one
 * call of the micro-kernel, which walks over the kernel's taps with plain strides. The same kernel computes the forward
 * pass, the input gradient (a convolution of dy with flipped taps, its input spread out by the stride) and dense layers
 * (a 1×1 map).
 */
import { CELL, partStart, Step } from './layout'

@unmanaged
class ConvArgs {
  x: usize
  /** Packed by pack.ts: one panel `[kh][kw][channels][tile]` per tile of filters. */
  weights: usize
  /** One float per filter, or 0 for none. */
  bias: usize
  y: usize
  stride: usize
  inHeight: i32
  inWidth: i32
  inChannels: i32
  outHeight: i32
  outWidth: i32
  filters: i32
  kernelHeight: i32
  kernelWidth: i32
  strideY: i32
  strideX: i32
  dilationY: i32
  dilationX: i32
  padTop: i32
  padLeft: i32
  /** Distance of neighbouring input values on the grid that the kernel slides over (the stride, for input gradients). */
  spreadY: i32
  spreadX: i32
  groups: i32
  /** Filters per tile, 1 … 4. */
  tile: i32
  /** Shares that the tiles of one output row are split into. */
  parts: i32
}

/** Taps of one axis that meet the input at one output position: they and the input positions form arithmetic series. */
@unmanaged
class Taps {
  count: i32
  tap: i32
  tapStep: i32
  input: i32
  inputStep: i32
}

/**
 * N filters × 8 lanes. `rows × segments × run` steps; one step is one input channel at one tap.
 * x moves by 64 bytes a step, `xSegment` a segment, `xRow` a row; the weights likewise by N floats.
 */
@inline
function tile8(
  N: i32,
  x: usize,
  xRow: usize,
  xSegment: usize,
  w: usize,
  wRow: usize,
  wSegment: usize,
  rows: i32,
  segments: i32,
  run: i32,
  bias: usize,
  y: usize,
): void {
  let a0 = f32x4.splat(0)
  if (bias) a0 = v128.load_splat<f32>(bias)
  let b0 = a0
  let a1 = f32x4.splat(0)
  if (N > 1 && bias) a1 = v128.load_splat<f32>(bias, 4)
  let b1 = a1
  let a2 = f32x4.splat(0)
  if (N > 2 && bias) a2 = v128.load_splat<f32>(bias, 8)
  let b2 = a2
  let a3 = f32x4.splat(0)
  if (N > 3 && bias) a3 = v128.load_splat<f32>(bias, 12)
  let b3 = a3
  for (let row = 0; row < rows; row++) {
    let xs = x
    let ws = w
    for (let segment = 0; segment < segments; segment++) {
      let xp = xs
      let wp = ws
      const last = xs + <usize>run * CELL
      while (xp < last) {
        const x0 = v128.load(xp)
        const x1 = v128.load(xp, 16)
        {
          const s = v128.load_splat<f32>(wp)
          a0 = f32x4.add(a0, f32x4.mul(s, x0))
          b0 = f32x4.add(b0, f32x4.mul(s, x1))
        }
        if (N > 1) {
          const s = v128.load_splat<f32>(wp, 4)
          a1 = f32x4.add(a1, f32x4.mul(s, x0))
          b1 = f32x4.add(b1, f32x4.mul(s, x1))
        }
        if (N > 2) {
          const s = v128.load_splat<f32>(wp, 8)
          a2 = f32x4.add(a2, f32x4.mul(s, x0))
          b2 = f32x4.add(b2, f32x4.mul(s, x1))
        }
        if (N > 3) {
          const s = v128.load_splat<f32>(wp, 12)
          a3 = f32x4.add(a3, f32x4.mul(s, x0))
          b3 = f32x4.add(b3, f32x4.mul(s, x1))
        }
        xp += CELL
        wp += <usize>N * 4
      }
      xs += xSegment
      ws += wSegment
    }
    x += xRow
    w += wRow
  }
  v128.store(y, a0)
  v128.store(y, b0, 16)
  if (N > 1) {
    v128.store(y, a1, 64)
    v128.store(y, b1, 80)
  }
  if (N > 2) {
    v128.store(y, a2, 128)
    v128.store(y, b2, 144)
  }
  if (N > 3) {
    v128.store(y, a3, 192)
    v128.store(y, b3, 208)
  }
}

// One function per width: inlined side by side they would share registers and spill. Called twice, so that the optimiser
// leaves them alone.
function tileOf1(
  x: usize,
  xRow: usize,
  xSegment: usize,
  w: usize,
  wRow: usize,
  wSegment: usize,
  rows: i32,
  segments: i32,
  run: i32,
  bias: usize,
  y: usize,
): void {
  tile8(1, x, xRow, xSegment, w, wRow, wSegment, rows, segments, run, bias, y)
}
function tileOf2(
  x: usize,
  xRow: usize,
  xSegment: usize,
  w: usize,
  wRow: usize,
  wSegment: usize,
  rows: i32,
  segments: i32,
  run: i32,
  bias: usize,
  y: usize,
): void {
  tile8(2, x, xRow, xSegment, w, wRow, wSegment, rows, segments, run, bias, y)
}
function tileOf3(
  x: usize,
  xRow: usize,
  xSegment: usize,
  w: usize,
  wRow: usize,
  wSegment: usize,
  rows: i32,
  segments: i32,
  run: i32,
  bias: usize,
  y: usize,
): void {
  tile8(3, x, xRow, xSegment, w, wRow, wSegment, rows, segments, run, bias, y)
}
function tileOf4(
  x: usize,
  xRow: usize,
  xSegment: usize,
  w: usize,
  wRow: usize,
  wSegment: usize,
  rows: i32,
  segments: i32,
  run: i32,
  bias: usize,
  y: usize,
): void {
  tile8(4, x, xRow, xSegment, w, wRow, wSegment, rows, segments, run, bias, y)
}

/** Which taps k meet an input: (output · stride − pad + k · dilation) is a multiple of spread, within size · spread. */
function findTaps(
  output: i32,
  stride: i32,
  pad: i32,
  dilation: i32,
  spread: i32,
  size: i32,
  kernel: i32,
  found: Taps,
): void {
  let count = 0
  const start = output * stride - pad
  if (spread == 1 && dilation == 1) {
    const first = max(0, -start)
    found.tap = first
    found.tapStep = 1
    found.input = start + first
    found.inputStep = 1
    found.count = max(0, min(kernel, size - start) - first)
    return
  }
  for (let k = 0; k < kernel; k++) {
    const place = start + k * dilation
    if (place < 0 || place % spread != 0 || place / spread >= size) continue
    if (count == 0) {
      found.tap = k
      found.input = place / spread
      found.tapStep = 1
      found.inputStep = 0
    } else if (count == 1) {
      found.tapStep = k - found.tap
      found.inputStep = place / spread - found.input
    }
    count++
  }
  found.count = count
}

/** Item: (block, output row, part of the filter tiles). */
export function conv(begin: i32, end: i32, step: Step, a: ConvArgs): void {
  const groups = a.groups
  const tile = a.tile
  const groupFilters = a.filters / groups
  const groupChannels = a.inChannels / groups
  const tilesPerGroup = (groupFilters + tile - 1) / tile
  const tiles = tilesPerGroup * groups
  const outWidth = a.outWidth
  const kernelSize = <usize>(a.kernelHeight * a.kernelWidth * groupChannels)
  // With neighbouring taps on neighbouring pixels, the taps of a kernel row are one run of floats.
  const merged = groups == 1 && a.dilationX == 1 && a.spreadX == 1
  const xPixel = <usize>a.inChannels * CELL
  const xLine = <usize>a.inWidth * xPixel
  const yPixel = <usize>a.filters * CELL
  const rowTaps = changetype<Taps>(step.scratch)
  const columnTaps = changetype<Taps>(step.scratch + offsetof<Taps>())

  for (let item = begin; item < end; item++) {
    const part = item % a.parts
    const oy = (item / a.parts) % a.outHeight
    const block = <usize>(item / (a.parts * a.outHeight)) * a.stride
    findTaps(oy, a.strideY, a.padTop, a.dilationY, a.spreadY, a.inHeight, a.kernelHeight, rowTaps)
    const rows = rowTaps.count
    const xRow = <usize>rowTaps.inputStep * xLine
    const lastTile = <i32>partStart(tiles, part + 1, a.parts)
    for (let t = <i32>partStart(tiles, part, a.parts); t < lastTile; t++) {
      const group = t / tilesPerGroup
      const inGroup = (t % tilesPerGroup) * tile
      const n = min(tile, groupFilters - inGroup)
      const filter = group * groupFilters + inGroup
      const bias = a.bias ? a.bias + (<usize>filter << 2) : 0
      const stepBytes = <usize>n << 2
      const wTap = <usize>groupChannels * stepBytes
      const wLine = <usize>a.kernelWidth * wTap
      const wRow = <usize>rowTaps.tapStep * wLine
      const w = a.weights + (((<usize>filter) * kernelSize) << 2) + <usize>rowTaps.tap * wLine
      const x = a.x + block + <usize>rowTaps.input * xLine + <usize>(group * groupChannels) * CELL
      let y = a.y + block + <usize>(oy * outWidth) * yPixel + <usize>filter * CELL
      for (let ox = 0; ox < outWidth; ox++) {
        findTaps(ox, a.strideX, a.padLeft, a.dilationX, a.spreadX, a.inWidth, a.kernelWidth, columnTaps)
        const count = columnTaps.count
        const xp = x + <usize>columnTaps.input * xPixel
        const wp = w + <usize>columnTaps.tap * wTap
        const xs = <usize>columnTaps.inputStep * xPixel
        const ws = <usize>columnTaps.tapStep * wTap
        const segments = merged ? 1 : count
        const run = merged ? count * groupChannels : groupChannels
        switch (n) {
          case 1:
            tileOf1(xp, xRow, xs, wp, wRow, ws, rows, segments, run, bias, y)
            tileOf1(xp + 32, xRow, xs, wp, wRow, ws, rows, segments, run, bias, y + 32)
            break
          case 2:
            tileOf2(xp, xRow, xs, wp, wRow, ws, rows, segments, run, bias, y)
            tileOf2(xp + 32, xRow, xs, wp, wRow, ws, rows, segments, run, bias, y + 32)
            break
          case 3:
            tileOf3(xp, xRow, xs, wp, wRow, ws, rows, segments, run, bias, y)
            tileOf3(xp + 32, xRow, xs, wp, wRow, ws, rows, segments, run, bias, y + 32)
            break
          default:
            tileOf4(xp, xRow, xs, wp, wRow, ws, rows, segments, run, bias, y)
            tileOf4(xp + 32, xRow, xs, wp, wRow, ws, rows, segments, run, bias, y + 32)
        }
        y += yPixel
      }
    }
  }
}
