/**
 * Convolution and dense layers of images that lie one after the other, `[image][height][width][channels]`: a GEMM whose lanes are
 * filters. No patches are copied; where windows reach over the left or right edge, their rows are, with zeros around them.
 */
import { ImageTile, runImageTile } from './imageTile'
import { partStart, Step } from './layout'

@unmanaged
class ImageConvArgs {
  x: usize
  /** Packed by `packImage`. */
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
  groups: i32
  /** Panels of filters per group; all but the last are full. */
  panels: i32
  /** Filters of a panel, 8 or 16. */
  panelFilters: i32
  /** Pixels that the micro-kernel takes at once, at most. */
  tilePixels: i32
  /** Shares that the panels of one output row are split into. */
  parts: i32
}

/** Scratch before the padded rows: the micro-kernel's work and its spare cell. */
const ROWS: usize = 192
const SPARE: usize = 128

/** Copies `rows` rows of the map, `down` rows apart, with zeros where a padded row reaches over it. */
function padRows(x: usize, rows: i32, down: usize, line: usize, left: usize, padded: usize, to: usize): void {
  const bytes = min(line, padded - left)
  for (let row = 0; row < rows; row++) {
    memory.fill(to, 0, left)
    memory.copy(to + left, x, bytes)
    memory.fill(to + left + bytes, 0, padded - left - bytes)
    x += down
    to += padded
  }
}

/** Item: (image, output row, part of the panels). */
export function imageConv(begin: i32, end: i32, step: Step, a: ImageConvArgs): void {
  const groupFilters = a.filters / a.groups
  const groupChannels = a.inChannels / a.groups
  const pixel = (<usize>a.inChannels) << 2
  const line = <usize>a.inWidth * pixel
  // Floats from a row's first tap to its last.
  const reach = (a.outWidth - 1) * a.strideX + (a.kernelWidth - 1) * a.dilationX + 1
  const pads = a.padLeft > 0 || reach > a.inWidth
  const padded = <usize>reach * pixel
  const steps = a.kernelHeight * a.kernelWidth * groupChannels
  // With neighbouring taps on neighbouring pixels, the taps of a kernel row are one run of floats.
  const merged = a.groups == 1 && a.dilationX == 1
  const yPixel = (<usize>a.filters) << 2
  const down = <usize>a.dilationY * line
  const tiles = (a.outWidth + a.tilePixels - 1) / a.tilePixels
  const work = changetype<ImageTile>(step.scratch)
  const rows = step.scratch + ROWS
  work.spare = step.scratch + SPARE
  work.xPixel = <usize>a.strideX * pixel
  work.xSegment = <usize>a.dilationX * pixel
  work.xRow = pads ? padded : down
  work.segments = merged ? 1 : a.kernelWidth
  work.run = merged ? a.kernelWidth * groupChannels : groupChannels
  work.yPixel = yPixel

  for (let item = begin; item < end; item++) {
    const part = item % a.parts
    const oy = (item / a.parts) % a.outHeight
    const image = <usize>(item / (a.parts * a.outHeight)) * a.stride
    // Taps above and below the map are left out.
    const top = oy * a.strideY - a.padTop
    const firstTap = top < 0 ? (a.dilationY - 1 - top) / a.dilationY : 0
    const first = top + firstTap * a.dilationY
    const taps = first < a.inHeight ? min(a.kernelHeight - firstTap, (a.inHeight - 1 - first) / a.dilationY + 1) : 0
    work.rows = taps
    let x = a.x + image + <usize>first * line
    if (pads && taps > 0) {
      padRows(x, taps, down, line, min(padded, <usize>a.padLeft * pixel), padded, rows)
      x = rows
    }
    const y = a.y + image + <usize>(oy * a.outWidth) * yPixel
    const skipped = <usize>(firstTap * a.kernelWidth * groupChannels)
    const lastPanel = <i32>partStart(a.panels * a.groups, part + 1, a.parts)
    for (let p = <i32>partStart(a.panels * a.groups, part, a.parts); p < lastPanel; p++) {
      const group = p / a.panels
      const inGroup = (p % a.panels) * a.panelFilters
      const filter = <usize>(group * groupFilters + inGroup) << 2
      work.n = min(a.panelFilters, groupFilters - inGroup)
      work.bias = a.bias ? a.bias + filter : 0
      work.w = a.weights + (((<usize>(p * steps) + skipped) * <usize>a.panelFilters) << 2)
      let done = 0
      for (let t = 1; t <= tiles; t++) {
        const pixels = (a.outWidth * t) / tiles - done
        work.x = x + <usize>done * work.xPixel + ((<usize>(group * groupChannels)) << 2)
        work.y = y + <usize>done * yPixel + filter
        runImageTile(pixels, a.panelFilters, work)
        done += pixels
      }
    }
  }
}

@unmanaged
class PackImageArgs {
  /** `[taps][channels / groups][filters]`. */
  kernel: usize
  packed: usize
  /** Taps × input channels of a group. */
  steps: i32
  filters: i32
  groups: i32
  panels: i32
  panelFilters: i32
}

/** Panels `[tap][channel][8 or 16 filters]`, the last of a group filled up with zeros. Item: one panel. */
export function packImage(begin: i32, end: i32, step: Step, a: PackImageArgs): void {
  const groupFilters = a.filters / a.groups
  const row = (<usize>a.filters) << 2
  const width = (<usize>a.panelFilters) << 2
  for (let item = begin; item < end; item++) {
    const inGroup = (item % a.panels) * a.panelFilters
    const bytes = (<usize>min(a.panelFilters, groupFilters - inGroup)) << 2
    let from = a.kernel + ((<usize>((item / a.panels) * groupFilters + inGroup)) << 2)
    let to = a.packed + <usize>(item * a.steps) * width
    for (let s = 0; s < a.steps; s++) {
      for (let at: usize = 0; at < width; at += 4) store<f32>(to + at, at < bytes ? load<f32>(from + at) : 0)
      from += row
      to += width
    }
  }
}
