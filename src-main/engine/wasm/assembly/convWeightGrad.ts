/**
 * Weight gradient of convolutions and dense layers: dKernel[tap, channel][filter] = Σ x · dy over images and pixels, a GEMM
 * whose long side is the sum. dy is transposed to panels `[pixel][lane][8 filters]`, a few rows at a time, in the thread's
 * scratch; x is read as it lies, one lane's value against 8 filters.
 *
 * Every chunk of blocks writes its own partial gradient, in the order of its blocks; `sumGradients` adds the chunks up in
 * order. So the result does not depend on how many threads there are.
 */
import { CELL, LANES, Step, sumLanes } from './layout'

@unmanaged
class WeightGradArgs {
  x: usize
  dy: usize
  /** Gradients of chunk 0. */
  dKernel: usize
  /** 0 for none. */
  dBias: usize
  /** From one chunk's gradients to the next. */
  chunkStride: usize
  /** Blocks per chunk. */
  chunkBlocks: i32
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
  groups: i32
  /** Output rows whose dy is transposed at once. */
  panelRows: i32
}

/** Filters per tile. */
const TILE: i32 = 8
/** Bytes of a panel pixel: 16 lanes of 8 filters. */
const PANEL: usize = 512
/** Bytes of scratch before the panel, to add up the rows of tiles that are not full. */
const SPARE: usize = 64
/** Pixels taken at once where rows are long: their part of the panel stays in the first cache. */
const COLUMNS: i32 = 32

/**
 * M input channels × 8 filters over `rows × pixels` pixels of 16 lanes; adds to `to`, whose rows are `toRow` bytes apart.
 * Only the first n filters are real; the panel is zero beyond.
 */
@inline
function gradTile(
  M: i32,
  x: usize,
  xPixel: usize,
  xRow: usize,
  panel: usize,
  panelRow: usize,
  rows: i32,
  pixels: i32,
  n: i32,
  to: usize,
  toRow: usize,
  spare: usize,
): void {
  let a0 = f32x4.splat(0)
  let b0 = a0
  let a1 = a0
  let b1 = a0
  let a2 = a0
  let b2 = a0
  let a3 = a0
  let b3 = a0
  for (let row = 0; row < rows; row++) {
    let xp = x
    let p = panel
    const last = panel + <usize>pixels * PANEL
    while (p < last) {
      const pixelEnd = p + PANEL
      let q = xp
      while (p < pixelEnd) {
        const d0 = v128.load(p)
        const d1 = v128.load(p, 16)
        {
          const s = v128.load_splat<f32>(q)
          a0 = f32x4.add(a0, f32x4.mul(s, d0))
          b0 = f32x4.add(b0, f32x4.mul(s, d1))
        }
        if (M > 1) {
          const s = v128.load_splat<f32>(q, 64)
          a1 = f32x4.add(a1, f32x4.mul(s, d0))
          b1 = f32x4.add(b1, f32x4.mul(s, d1))
        }
        if (M > 2) {
          const s = v128.load_splat<f32>(q, 128)
          a2 = f32x4.add(a2, f32x4.mul(s, d0))
          b2 = f32x4.add(b2, f32x4.mul(s, d1))
        }
        if (M > 3) {
          const s = v128.load_splat<f32>(q, 192)
          a3 = f32x4.add(a3, f32x4.mul(s, d0))
          b3 = f32x4.add(b3, f32x4.mul(s, d1))
        }
        p += 32
        q += 4
      }
      xp += xPixel
    }
    x += xRow
    panel += panelRow
  }
  addRow(a0, b0, n, to, spare)
  if (M > 1) addRow(a1, b1, n, to + toRow, spare)
  if (M > 2) addRow(a2, b2, n, to + toRow * 2, spare)
  if (M > 3) addRow(a3, b3, n, to + toRow * 3, spare)
}

@inline
function addRow(a: v128, b: v128, n: i32, to: usize, spare: usize): void {
  if (n == TILE) {
    v128.store(to, f32x4.add(v128.load(to), a))
    v128.store(to, f32x4.add(v128.load(to, 16), b), 16)
  } else {
    v128.store(spare, a)
    v128.store(spare, b, 16)
    for (let j: usize = 0; j < <usize>n << 2; j += 4) {
      store<f32>(to + j, load<f32>(to + j) + load<f32>(spare + j))
    }
  }
}

// One function per height: inlined side by side they would share registers and spill. Exported so that they stay apart.
export function gradTile1(
  x: usize,
  xPixel: usize,
  xRow: usize,
  panel: usize,
  panelRow: usize,
  rows: i32,
  pixels: i32,
  n: i32,
  to: usize,
  toRow: usize,
  spare: usize,
): void {
  gradTile(1, x, xPixel, xRow, panel, panelRow, rows, pixels, n, to, toRow, spare)
}
export function gradTile2(
  x: usize,
  xPixel: usize,
  xRow: usize,
  panel: usize,
  panelRow: usize,
  rows: i32,
  pixels: i32,
  n: i32,
  to: usize,
  toRow: usize,
  spare: usize,
): void {
  gradTile(2, x, xPixel, xRow, panel, panelRow, rows, pixels, n, to, toRow, spare)
}
export function gradTile3(
  x: usize,
  xPixel: usize,
  xRow: usize,
  panel: usize,
  panelRow: usize,
  rows: i32,
  pixels: i32,
  n: i32,
  to: usize,
  toRow: usize,
  spare: usize,
): void {
  gradTile(3, x, xPixel, xRow, panel, panelRow, rows, pixels, n, to, toRow, spare)
}
export function gradTile4(
  x: usize,
  xPixel: usize,
  xRow: usize,
  panel: usize,
  panelRow: usize,
  rows: i32,
  pixels: i32,
  n: i32,
  to: usize,
  toRow: usize,
  spare: usize,
): void {
  gradTile(4, x, xPixel, xRow, panel, panelRow, rows, pixels, n, to, toRow, spare)
}

/** A run of input channels (and, where merged, kernel columns): tiles of 4, but 3 + 2 rather than 4 + 1 at the end. */
function gradRun(
  run: i32,
  x: usize,
  xPixel: usize,
  xRow: usize,
  panel: usize,
  panelRow: usize,
  rows: i32,
  pixels: i32,
  n: i32,
  to: usize,
  toRow: usize,
  spare: usize,
): void {
  while (run > 5 || run == 4) {
    gradTile4(x, xPixel, xRow, panel, panelRow, rows, pixels, n, to, toRow, spare)
    x += 4 * CELL
    to += toRow * 4
    run -= 4
  }
  if (run == 3 || run == 5) {
    gradTile3(x, xPixel, xRow, panel, panelRow, rows, pixels, n, to, toRow, spare)
    x += 3 * CELL
    to += toRow * 3
    run -= 3
  }
  if (run == 2) gradTile2(x, xPixel, xRow, panel, panelRow, rows, pixels, n, to, toRow, spare)
  else if (run == 1) gradTile1(x, xPixel, xRow, panel, panelRow, rows, pixels, n, to, toRow, spare)
}

/** Transposes dy `[pixel][filter][16]` of n filters into the panel; adds its sums to `bias` where that is not 0. */
function fillPanel(dy: usize, dyPixel: usize, pixels: i32, n: i32, panel: usize, bias: usize): void {
  for (let j: usize = 0; j < <usize>TILE; j++) {
    let from = dy + j * CELL
    let to = panel + (j << 2)
    if (j < <usize>n) {
      let sum = f32x4.splat(0)
      for (let pixel = 0; pixel < pixels; pixel++) {
        for (let lane: usize = 0; lane < <usize>LANES; lane += 4) {
          const v = v128.load(from + (lane << 2))
          sum = f32x4.add(sum, v)
          v128.store_lane<f32>(to, v, 0)
          v128.store_lane<f32>(to, v, 1, 32)
          v128.store_lane<f32>(to, v, 2, 64)
          v128.store_lane<f32>(to, v, 3, 96)
          to += 128
        }
        from += dyPixel
      }
      if (bias) store<f32>(bias + (j << 2), load<f32>(bias + (j << 2)) + sumLanes(sum))
    } else {
      for (let i = 0; i < pixels * LANES; i++) {
        store<f32>(to, 0)
        to += 32
      }
    }
  }
}

@inline
function zeroRow(to: usize, n: i32): void {
  for (let j = 0; j < n; j++) store<f32>(to + (<usize>j << 2), 0)
}

/** ⌈a / b⌉ for b > 0 and any a. */
@inline
function ceilDiv(a: i32, b: i32): i32 {
  return a > 0 ? (a + b - 1) / b : -(-a / b)
}

/** First output position whose input position (output · stride + offset) is not below 0. */
@inline
function firstInside(offset: i32, stride: i32): i32 {
  return max(0, ceilDiv(-offset, stride))
}

/** One past the last output position whose input position is below size. */
@inline
function endInside(offset: i32, stride: i32, size: i32, outputs: i32): i32 {
  return min(outputs, ceilDiv(size - offset, stride))
}

/**
 * What output rows top … bottom − 1 of one block, already in the panel, add to the gradients of one tile. x and `to` begin at
 * the group's channels and the tile's filters.
 */
function gradRows(a: WeightGradArgs, x: usize, top: i32, bottom: i32, n: i32, to: usize, scratch: usize): void {
  const groupChannels = a.inChannels / a.groups
  const xPixel = <usize>a.inChannels * CELL
  const xLine = <usize>a.inWidth * xPixel
  const xStep = <usize>a.strideX * xPixel
  const xDown = <usize>a.strideY * xLine
  const toRow = <usize>a.filters << 2
  const panel = scratch + SPARE
  const panelLine = <usize>a.outWidth * PANEL

  // Output columns at which every tap of a kernel row is inside the input: there the taps form one run.
  const merges = a.groups == 1 && a.dilationX == 1
  const innerFirst = merges ? firstInside(-a.padLeft, a.strideX) : a.outWidth
  const innerLast = endInside(a.kernelWidth - 1 - a.padLeft, a.strideX, a.inWidth, a.outWidth)
  const innerEnd = max(innerFirst, innerLast)

  for (let ky = 0; ky < a.kernelHeight; ky++) {
    const down = ky * a.dilationY - a.padTop
    const first = max(top, firstInside(down, a.strideY))
    const rows = endInside(down, a.strideY, a.inHeight, bottom) - first
    if (rows <= 0) continue
    const xTop = x + <usize>(first * a.strideY + down) * xLine
    const panelTop = panel + <usize>(first - top) * panelLine
    const toTop = to + <usize>(ky * a.kernelWidth * groupChannels) * toRow
    for (let left = innerFirst; left < innerEnd; left += COLUMNS) {
      const columns = min(innerEnd - left, COLUMNS)
      const run = a.kernelWidth * groupChannels
      const xp = xTop + <usize>(left * a.strideX - a.padLeft) * xPixel
      const p = panelTop + <usize>left * PANEL
      gradRun(run, xp, xStep, xDown, p, panelLine, rows, columns, n, toTop, toRow, scratch)
    }
    // Tap by tap what lies left and right of that; everything where taps do not merge.
    for (let kx = 0; kx < a.kernelWidth; kx++) {
      const right = kx * a.dilationX - a.padLeft
      const inside = firstInside(right, a.strideX)
      const edge = endInside(right, a.strideX, a.inWidth, a.outWidth)
      const toTap = toTop + <usize>(kx * groupChannels) * toRow
      for (let side = 0; side < 2; side++) {
        const left = side == 0 ? inside : max(inside, innerEnd)
        const columns = (side == 0 ? min(edge, innerFirst) : edge) - left
        if (columns <= 0) continue
        const xp = xTop + <usize>(left * a.strideX + right) * xPixel
        const p = panelTop + <usize>left * PANEL
        gradRun(groupChannels, xp, xStep, xDown, p, panelLine, rows, columns, n, toTap, toRow, scratch)
      }
    }
  }
}

/** Item: (chunk, tile of 8 filters). */
export function convWeightGrad(begin: i32, end: i32, step: Step, a: WeightGradArgs): void {
  const groupFilters = a.filters / a.groups
  const groupChannels = a.inChannels / a.groups
  const tilesPerGroup = (groupFilters + TILE - 1) / TILE
  const tiles = tilesPerGroup * a.groups
  const dyPixel = <usize>a.filters * CELL
  const toRow = <usize>a.filters << 2
  const weights = a.kernelHeight * a.kernelWidth * groupChannels

  while (begin < end) {
    // The tiles of one chunk together: they read the same rows of x while these are in the cache.
    const chunk = begin / tiles
    const firstTile = begin - chunk * tiles
    const lastTile = min(tiles, end - chunk * tiles)
    begin = chunk * tiles + lastTile
    const toChunk = <usize>chunk * a.chunkStride
    const firstBlock = chunk * a.chunkBlocks
    const lastBlock = min(step.blocks, firstBlock + a.chunkBlocks)
    for (let block = firstBlock; block < lastBlock; block++) {
      for (let top = 0; top < a.outHeight; top += a.panelRows) {
        const bottom = min(a.outHeight, top + a.panelRows)
        for (let tile = firstTile; tile < lastTile; tile++) {
          const group = tile / tilesPerGroup
          const inGroup = (tile % tilesPerGroup) * TILE
          const n = min(TILE, groupFilters - inGroup)
          const filter = group * groupFilters + inGroup
          const to = a.dKernel + toChunk + (<usize>filter << 2)
          const bias = a.dBias ? a.dBias + toChunk + (<usize>filter << 2) : 0
          if (block == firstBlock && top == 0) {
            for (let k = 0; k < weights; k++) zeroRow(to + <usize>k * toRow, n)
            if (bias) zeroRow(bias, n)
          }
          const pixels = (bottom - top) * a.outWidth
          const dy = a.dy + <usize>block * a.stride + <usize>(top * a.outWidth) * dyPixel + <usize>filter * CELL
          fillPanel(dy, dyPixel, pixels, n, step.scratch + SPARE, bias)
          const x = a.x + <usize>block * a.stride + <usize>(group * groupChannels) * CELL
          gradRows(a, x, top, bottom, n, to, step.scratch)
        }
      }
    }
  }
}
