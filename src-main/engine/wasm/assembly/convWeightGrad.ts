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
import { CELL, LANES, Step } from './layout'

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
  /** Tiles of filters per group; all but the last fill a panel. */
  tiles: i32
  /** Input channels that the micro-kernel takes at once, at most. */
  tileChannels: i32
  /** Where x is copied with zeros around it, in the scratch; 0 where it is read as it lies. */
  padded: usize
}

/** The input map, or a part of it: what the window slides over. */
@unmanaged
class View {
  x: usize
  height: i32
  width: i32
  padTop: i32
  padLeft: i32
}

/** Scratch before the panel: the micro-kernel's work, its spare row at 64, and a view. */
const SPARE: usize = 64
const VIEW: usize = 128
const PANEL: usize = 192
/** Floats of the panel taken at once where rows are long: that part stays in the first cache. */
const COLUMNS: i32 = 4096

@inline
function zeroRow(to: usize, n: i32): void {
  for (let j = 0; j < n; j++) store<f32>(to + (<usize>j << 2), 0)
}

/**
 * What the windows of output rows top … bottom − 1 see of one block, copied to `to` with zeros beyond the map. With few channels the
 * taps at the border, one by one, would take as long as all others.
 */
function padView(a: WeightGradArgs, x: usize, top: i32, bottom: i32, to: usize, view: View): void {
  const pixel = <usize>a.inChannels * CELL
  const line = <usize>a.inWidth * pixel
  view.x = to
  view.width = (a.outWidth - 1) * a.strideX + a.kernelWidth
  view.height = (bottom - 1 - top) * a.strideY + (a.kernelHeight - 1) * a.dilationY + 1
  view.padTop = 0
  view.padLeft = 0
  const padded = <usize>view.width * pixel
  const left = min(padded, <usize>a.padLeft * pixel)
  const inside = min(line, padded - left)
  let y = top * a.strideY - a.padTop
  for (const end = y + view.height; y < end; y++) {
    if (y < 0 || y >= a.inHeight) memory.fill(to, 0, padded)
    else {
      memory.fill(to, 0, left)
      memory.copy(to + left, x + <usize>y * line, inside)
      memory.fill(to + left + inside, 0, padded - left - inside)
    }
    to += padded
  }
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
 * What output rows top … bottom − 1 (of the view), already in the panel, add to the gradients of one tile. x and `to` begin at
 * the group's channels and the tile's filters.
 */
function gradRows(
  a: WeightGradArgs,
  view: View,
  x: usize,
  top: i32,
  bottom: i32,
  to: usize,
  work: GradTile,
  panel: usize,
): void {
  const height = view.height
  const width = view.width
  const padLeft = view.padLeft
  const groupChannels = a.inChannels / a.groups
  const xPixel = <usize>a.inChannels * CELL
  const xLine = <usize>width * xPixel
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
  const innerFirst = merges ? firstInside(-padLeft, a.strideX) : a.outWidth
  const innerLast = endInside(a.kernelWidth - 1 - padLeft, a.strideX, width, a.outWidth)
  const innerEnd = max(innerFirst, innerLast)

  for (let ky = 0; ky < a.kernelHeight; ky++) {
    const down = ky * a.dilationY - view.padTop
    const first = max(top, firstInside(down, a.strideY))
    const rows = endInside(down, a.strideY, height, bottom) - first
    if (rows <= 0) continue
    const xTop = x + <usize>(first * a.strideY + down) * xLine
    const panelTop = panel + <usize>(first - top) * panelLine
    const toTop = to + <usize>(ky * a.kernelWidth * groupChannels) * toRow
    work.rows = rows
    for (let left = innerFirst; left < innerEnd; left += columnsAtOnce) {
      work.pixels = min(innerEnd - left, columnsAtOnce)
      work.x = xTop + <usize>(left * a.strideX - padLeft) * xPixel
      work.panel = panelTop + <usize>left * panelPixel
      work.to = toTop
      gradRun(a.kernelWidth * groupChannels, a.tileChannels, a.panelFilters, work)
    }
    // Tap by tap what lies left and right of that; everything where taps do not merge.
    for (let kx = 0; kx < a.kernelWidth; kx++) {
      const right = kx * a.dilationX - padLeft
      const inside = firstInside(right, a.strideX)
      const edge = endInside(right, a.strideX, width, a.outWidth)
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
  const view = changetype<View>(step.scratch + VIEW)
  work.spare = step.scratch + SPARE

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
        view.x = a.x + <usize>block * a.stride
        view.height = a.inHeight
        view.width = a.inWidth
        view.padTop = a.padTop
        view.padLeft = a.padLeft
        const pads = a.padded != 0
        if (pads) padView(a, view.x, top, bottom, step.scratch + a.padded, view)
        for (let tile = firstTile; tile < lastTile; tile++) {
          const group = tile / a.tiles
          const inGroup = (tile % a.tiles) * a.panelFilters
          const n = min(a.panelFilters, groupFilters - inGroup)
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
          const x = view.x + <usize>(group * groupChannels) * CELL
          work.n = n
          gradRows(a, view, x, pads ? 0 : top, pads ? bottom - top : bottom, to, work, panel)
        }
      }
    }
  }
}
