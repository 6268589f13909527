/**
 * Weight gradient of convolutions and dense layers: dKernel[tap, channel][filter] = Σ x · dy over images and pixels, a GEMM
 * whose long side is the sum. dy is transposed to panels `[pixel][lane][8 or 16 filters]`, a few rows at a time, in the thread's
 * scratch; x is read as it lies, one lane's value against the panel's filters.
 *
 * Every chunk of blocks writes its own partial gradient, in the order of its blocks; `sumGradients` adds the chunks up in
 * order. So the result does not depend on how many threads there are.
 */
import { fillPanel } from './dyPanel'
import { GradTile, gradRun } from './gradTile'
import { CELL, LANES, partStart, Step } from './layout'

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
  /** Filters of a panel, 8 or 16. */
  panelFilters: i32
  /** Tiles of filters per group, of equal size or one filter apart. */
  tiles: i32
  /** Input channels that the micro-kernel takes at once, at most. */
  tileChannels: i32
}

/** Scratch before the panel: the micro-kernel's work and its spare row. */
const PANEL: usize = 128
/** Floats of the panel taken at once where rows are long: that part stays in the first cache. */
const COLUMNS: i32 = 4096

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
function gradRows(a: WeightGradArgs, x: usize, top: i32, bottom: i32, to: usize, work: GradTile, panel: usize): void {
  const groupChannels = a.inChannels / a.groups
  const xPixel = <usize>a.inChannels * CELL
  const xLine = <usize>a.inWidth * xPixel
  const toRow = <usize>a.filters << 2
  const panelPixel = <usize>(a.panelFilters * LANES) << 2
  const panelLine = <usize>a.outWidth * panelPixel
  const columnsAtOnce = COLUMNS / (a.panelFilters * LANES)
  work.xPixel = <usize>a.strideX * xPixel
  work.xRow = <usize>a.strideY * xLine
  work.panelRow = panelLine
  work.toRow = toRow

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
    work.rows = rows
    for (let left = innerFirst; left < innerEnd; left += columnsAtOnce) {
      work.pixels = min(innerEnd - left, columnsAtOnce)
      work.x = xTop + <usize>(left * a.strideX - a.padLeft) * xPixel
      work.panel = panelTop + <usize>left * panelPixel
      work.to = toTop
      gradRun(a.kernelWidth * groupChannels, a.tileChannels, a.panelFilters, work)
    }
    // Tap by tap what lies left and right of that; everything where taps do not merge.
    for (let kx = 0; kx < a.kernelWidth; kx++) {
      const right = kx * a.dilationX - a.padLeft
      const inside = firstInside(right, a.strideX)
      const edge = endInside(right, a.strideX, a.inWidth, a.outWidth)
      for (let side = 0; side < 2; side++) {
        const left = side == 0 ? inside : max(inside, innerEnd)
        const columns = (side == 0 ? min(edge, innerFirst) : edge) - left
        if (columns <= 0) continue
        work.pixels = columns
        work.x = xTop + <usize>(left * a.strideX + right) * xPixel
        work.panel = panelTop + <usize>left * panelPixel
        work.to = toTop + <usize>(kx * groupChannels) * toRow
        gradRun(groupChannels, a.tileChannels, a.panelFilters, work)
      }
    }
  }
}

/** Item: (chunk, tile of filters). */
export function convWeightGrad(begin: i32, end: i32, step: Step, a: WeightGradArgs): void {
  const groupFilters = a.filters / a.groups
  const groupChannels = a.inChannels / a.groups
  const tiles = a.tiles * a.groups
  const dyPixel = <usize>a.filters * CELL
  const toRow = <usize>a.filters << 2
  const weights = a.kernelHeight * a.kernelWidth * groupChannels
  const work = changetype<GradTile>(step.scratch)
  const panel = step.scratch + PANEL
  work.spare = step.scratch + PANEL - CELL

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
          const group = tile / a.tiles
          const inGroup = <i32>partStart(groupFilters, tile % a.tiles, a.tiles)
          const n = <i32>partStart(groupFilters, (tile % a.tiles) + 1, a.tiles) - inGroup
          const filter = group * groupFilters + inGroup
          const to = a.dKernel + toChunk + (<usize>filter << 2)
          const bias = a.dBias ? a.dBias + toChunk + (<usize>filter << 2) : 0
          if (block == firstBlock && top == 0) {
            for (let k = 0; k < weights; k++) zeroRow(to + <usize>k * toRow, n)
            if (bias) zeroRow(bias, n)
          }
          const pixels = (bottom - top) * a.outWidth
          const dy = a.dy + <usize>block * a.stride + <usize>(top * a.outWidth) * dyPixel + <usize>filter * CELL
          fillPanel(dy, dyPixel, pixels, n, a.panelFilters, panel, bias)
          const x = a.x + <usize>block * a.stride + <usize>(group * groupChannels) * CELL
          work.n = n
          gradRows(a, x, top, bottom, to, work, panel)
        }
      }
    }
  }
}
