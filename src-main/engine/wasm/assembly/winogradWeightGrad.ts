/**
 * Weight gradient of a 3 × 3 convolution at stride 1 by way of Winograd's positions: y = Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A, so the
 * gradient is Gᵀ [Σ (Bᵀ d B) ⊙ (A dy Aᵀ)] G, the sum over tiles and images. `convWeightGrad` is the direct way; chunks and
 * their order are the same.
 */
import { fillPanel } from './dyPanel'
import { GradTile, gradRun } from './gradTile'
import { CELL, LANES, partStart, Step } from './layout'
import { positionBytes, transformInput } from './winogradInput'

@unmanaged
class WinogradGradArgs {
  x: usize
  dy: usize
  /** Gradients of chunk 0. */
  dKernel: usize
  /** 0 for none. */
  dBias: usize
  chunkStride: usize
  chunkBlocks: i32
  stride: usize
  inHeight: i32
  inWidth: i32
  channels: i32
  outHeight: i32
  outWidth: i32
  filters: i32
  padTop: i32
  padLeft: i32
  /** Filters of a panel, 8 or 16. */
  panelFilters: i32
  /** Tiles of filters, of equal size or one filter apart. */
  tiles: i32
  /** Input channels that the micro-kernel takes at once, at most. */
  tileChannels: i32
  /** Tiles of 2 × 2 outputs summed at once. */
  count: i32
}

/** Scratch before the transformed input: the micro-kernel's work and its spare row. */
const HEAD: usize = 128

/** The four positions of one row of A dy Aᵀ, from the two pixels of that row of A dy. */
@inline
function spread(p: v128, q: v128, r: v128, s: v128, to: usize, position: usize): void {
  v128.store(to, p)
  v128.store(to, q, 16)
  const to1 = to + position
  v128.store(to1, f32x4.add(p, r))
  v128.store(to1, f32x4.add(q, s), 16)
  const to2 = to1 + position
  v128.store(to2, f32x4.sub(p, r))
  v128.store(to2, f32x4.sub(q, s), 16)
  const to3 = to2 + position
  v128.store(to3, f32x4.neg(r))
  v128.store(to3, f32x4.neg(s), 16)
}

/** A dy Aᵀ of `count` tiles; dy: two rows of 2 · count panel pixels, `line` bytes apart. */
function transformPanel(dy: usize, line: usize, pixel: usize, count: i32, to: usize, position: usize): void {
  for (let tile = 0; tile < count; tile++) {
    for (let at: usize = 0; at < pixel; at += 32) {
      const top = dy + at
      const bottom = top + line
      const a = v128.load(top)
      const b = v128.load(top, 16)
      const c = v128.load(top + pixel)
      const d = v128.load(top + pixel, 16)
      const e = v128.load(bottom)
      const f = v128.load(bottom, 16)
      const g = v128.load(bottom + pixel)
      const h = v128.load(bottom + pixel, 16)
      const row = to + at
      spread(a, b, c, d, row, position)
      spread(f32x4.add(a, e), f32x4.add(b, f), f32x4.add(c, g), f32x4.add(d, h), row + 4 * position, position)
      spread(f32x4.sub(a, e), f32x4.sub(b, f), f32x4.sub(c, g), f32x4.sub(d, h), row + 8 * position, position)
      spread(f32x4.neg(e), f32x4.neg(f), f32x4.neg(g), f32x4.neg(h), row + 12 * position, position)
    }
    dy += 2 * pixel
    to += pixel
  }
}

/** Row `row` of Gᵀ u for four filters. */
@inline
function gradColumn(row: i32, u: usize, line: usize): v128 {
  const half = f32x4.splat(0.5)
  const b = v128.load(u + line)
  const c = v128.load(u + 2 * line)
  if (row == 1) return f32x4.mul(f32x4.sub(b, c), half)
  const middle = f32x4.mul(f32x4.add(b, c), half)
  return f32x4.add(middle, v128.load(row == 0 ? u : u + 3 * line))
}

/** Row `row` of Gᵀ u G: three taps of up to four filters. */
@inline
function storeTaps(row: i32, u: usize, position: usize, n: i32, to: usize, tap: usize, spare: usize): void {
  const half = f32x4.splat(0.5)
  const a = gradColumn(row, u, 4 * position)
  const b = gradColumn(row, u + position, 4 * position)
  const c = gradColumn(row, u + 2 * position, 4 * position)
  const d = gradColumn(row, u + 3 * position, 4 * position)
  const middle = f32x4.mul(f32x4.add(b, c), half)
  const first = to + <usize>(row * 3) * tap
  storeFilters(f32x4.add(a, middle), n, first, spare)
  storeFilters(f32x4.mul(f32x4.sub(b, c), half), n, first + tap, spare)
  storeFilters(f32x4.add(middle, d), n, first + 2 * tap, spare)
}

@inline
function storeFilters(v: v128, n: i32, to: usize, spare: usize): void {
  if (n >= 4) v128.store(to, v)
  else {
    v128.store(spare, v)
    memory.copy(to, spare, (<usize>n) << 2)
  }
}

/** Gᵀ u G of one tile of filters: sums `[position][channel][panel filter]` → the kernel's gradient. */
function transformSums(a: WinogradGradArgs, sums: usize, n: i32, to: usize, spare: usize): void {
  const rowBytes = (<usize>a.panelFilters) << 2
  const position = <usize>a.channels * rowBytes
  const toRow = (<usize>a.filters) << 2
  const tap = <usize>a.channels * toRow
  for (let channel = 0; channel < a.channels; channel++) {
    for (let f = 0; f < n; f += 4) {
      const u = sums + ((<usize>f) << 2)
      const at = to + ((<usize>f) << 2)
      storeTaps(0, u, position, n - f, at, tap, spare)
      storeTaps(1, u, position, n - f, at, tap, spare)
      storeTaps(2, u, position, n - f, at, tap, spare)
    }
    sums += rowBytes
    to += toRow
  }
}

/** Item: (chunk, tile of filters). */
export function winogradWeightGrad(begin: i32, end: i32, step: Step, a: WinogradGradArgs): void {
  const channels = a.channels
  const filters = a.filters
  const panelFilters = a.panelFilters
  const tiles = a.tiles
  const tileColumns = (a.outWidth + 1) >> 1
  const allTiles = tileColumns * ((a.outHeight + 1) >> 1)
  const dyPixel = <usize>filters * CELL
  const xCells = <usize>channels * CELL
  const panelPixel = <usize>(panelFilters * LANES) << 2
  const inPosition = positionBytes(a.count, channels)
  const outPosition = <usize>a.count * panelPixel + CELL
  const sumPosition = <usize>(channels * panelFilters) << 2
  const panelLine = <usize>(2 * a.count) * panelPixel

  const work = changetype<GradTile>(step.scratch)
  work.spare = step.scratch + HEAD - CELL
  work.rows = 1
  work.xPixel = xCells
  work.xRow = 0
  work.panelRow = 0
  work.toRow = (<usize>panelFilters) << 2
  work.n = panelFilters
  const input = step.scratch + HEAD
  const patch = input + 16 * inPosition
  const panel = patch + 16 * xCells
  const output = panel + 2 * panelLine
  const sums = output + 16 * outPosition

  while (begin < end) {
    const chunk = begin / tiles
    const firstTile = begin - chunk * tiles
    const lastTile = min(tiles, end - chunk * tiles)
    begin = chunk * tiles + lastTile
    const toChunk = <usize>chunk * a.chunkStride
    const firstBlock = chunk * a.chunkBlocks
    const lastBlock = min(step.blocks, firstBlock + a.chunkBlocks)
    memory.fill(sums, 0, <usize>(lastTile - firstTile) * 16 * sumPosition)
    const biasBytes = <usize>(partStart(filters, lastTile, tiles) - partStart(filters, firstTile, tiles)) << 2
    if (a.dBias) memory.fill(a.dBias + toChunk + (partStart(filters, firstTile, tiles) << 2), 0, biasBytes)

    for (let block = firstBlock; block < lastBlock; block++) {
      const x = a.x + <usize>block * a.stride
      const dyBlock = a.dy + <usize>block * a.stride
      for (let first = 0; first < allTiles; first += a.count) {
        const last = min(allTiles, first + a.count)
        for (let at = first; at < last; ) {
          const row = at / tileColumns
          const inRow = min(last, (row + 1) * tileColumns) - at
          const left = (at - row * tileColumns) * 2 - a.padLeft
          const to = input + <usize>(at - first) * xCells
          transformInput(x, a.inHeight, a.inWidth, channels, row * 2 - a.padTop, left, inRow, to, inPosition, patch)
          at += inRow
        }
        for (let tile = firstTile; tile < lastTile; tile++) {
          const filter = <i32>partStart(filters, tile, tiles)
          const n = <i32>partStart(filters, tile + 1, tiles) - filter
          const bias = a.dBias ? a.dBias + toChunk + (<usize>filter << 2) : 0
          for (let at = first; at < last; ) {
            const row = at / tileColumns
            const inRow = min(last, (row + 1) * tileColumns) - at
            const left = (at - row * tileColumns) * 2
            const pixels = min(2 * inRow, a.outWidth - left)
            for (let r = 0; r < 2; r++) {
              const y = row * 2 + r
              const to = panel + <usize>r * panelLine + <usize>(2 * (at - first)) * panelPixel
              const real = y < a.outHeight ? pixels : 0
              if (real > 0) {
                const dy = dyBlock + <usize>(y * a.outWidth + left) * dyPixel + <usize>filter * CELL
                fillPanel(dy, dyPixel, real, n, panelFilters, to, bias)
              }
              memory.fill(to + <usize>real * panelPixel, 0, <usize>(2 * inRow - real) * panelPixel)
            }
            at += inRow
          }
          transformPanel(panel, panelLine, panelPixel, last - first, output, outPosition)
          const tileSums = sums + <usize>(tile - firstTile) * 16 * sumPosition
          work.pixels = last - first
          for (let p: usize = 0; p < 16; p++) {
            work.x = input + p * inPosition
            work.panel = output + p * outPosition
            work.to = tileSums + p * sumPosition
            gradRun(channels, a.tileChannels, panelFilters, work)
          }
        }
      }
    }
    for (let tile = firstTile; tile < lastTile; tile++) {
      const filter = <i32>partStart(filters, tile, tiles)
      const n = <i32>partStart(filters, tile + 1, tiles) - filter
      const to = a.dKernel + toChunk + (<usize>filter << 2)
      transformSums(a, sums + <usize>(tile - firstTile) * 16 * sumPosition, n, to, work.spare)
    }
  }
}
