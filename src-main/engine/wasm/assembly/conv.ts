/**
 * Convolution as a direct GEMM: no patches are copied. One output pixel of 16 images and a tile of filters is one
 * call of the micro-kernel, which walks over the kernel's taps with plain strides. The same kernel computes the forward
 * pass, the input gradient (a convolution of dy with flipped taps, its input spread out by the stride) and dense layers
 * (a 1×1 map).
 */
import { runTile, Tile } from './convTile'
import { CELL, partStart, Step } from './layout'

@unmanaged
class ConvArgs {
  x: usize
  /** Packed by pack.ts: one panel `[kh][kw][channels][filters of the tile]` per tile. */
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
  /** Tiles of filters per group, of equal size or one filter apart. */
  tiles: i32
  /** Images that the micro-kernel takes at once, 8 or 16. */
  lanes: i32
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
  const groupFilters = a.filters / groups
  const groupChannels = a.inChannels / groups
  const tilesPerGroup = a.tiles
  const tiles = tilesPerGroup * groups
  const outWidth = a.outWidth
  const lanes = a.lanes
  const kernelSize = <usize>(a.kernelHeight * a.kernelWidth * groupChannels)
  // With neighbouring taps on neighbouring pixels, the taps of a kernel row are one run of floats.
  const merged = groups == 1 && a.dilationX == 1 && a.spreadX == 1
  const xPixel = <usize>a.inChannels * CELL
  const xLine = <usize>a.inWidth * xPixel
  const yPixel = <usize>a.filters * CELL
  const rowTaps = changetype<Taps>(step.scratch)
  const columnTaps = changetype<Taps>(step.scratch + offsetof<Taps>())
  const work = changetype<Tile>(step.scratch + 2 * offsetof<Taps>())

  for (let item = begin; item < end; item++) {
    const part = item % a.parts
    const oy = (item / a.parts) % a.outHeight
    const block = <usize>(item / (a.parts * a.outHeight)) * a.stride
    findTaps(oy, a.strideY, a.padTop, a.dilationY, a.spreadY, a.inHeight, a.kernelHeight, rowTaps)
    work.rows = rowTaps.count
    work.xRow = <usize>rowTaps.inputStep * xLine
    const lastTile = <i32>partStart(tiles, part + 1, a.parts)
    for (let t = <i32>partStart(tiles, part, a.parts); t < lastTile; t++) {
      const group = t / tilesPerGroup
      const inGroup = <i32>partStart(groupFilters, t % tilesPerGroup, tilesPerGroup)
      const n = <i32>partStart(groupFilters, (t % tilesPerGroup) + 1, tilesPerGroup) - inGroup
      const filter = group * groupFilters + inGroup
      const wTap = <usize>groupChannels * ((<usize>n) << 2)
      const wLine = <usize>a.kernelWidth * wTap
      const w = a.weights + (((<usize>filter) * kernelSize) << 2) + <usize>rowTaps.tap * wLine
      const x = a.x + block + <usize>rowTaps.input * xLine + <usize>(group * groupChannels) * CELL
      let y = a.y + block + <usize>(oy * outWidth) * yPixel + <usize>filter * CELL
      work.wRow = <usize>rowTaps.tapStep * wLine
      work.bias = a.bias ? a.bias + (<usize>filter << 2) : 0
      for (let ox = 0; ox < outWidth; ox++) {
        findTaps(ox, a.strideX, a.padLeft, a.dilationX, a.spreadX, a.inWidth, a.kernelWidth, columnTaps)
        const count = columnTaps.count
        work.x = x + <usize>columnTaps.input * xPixel
        work.w = w + <usize>columnTaps.tap * wTap
        work.xSegment = <usize>columnTaps.inputStep * xPixel
        work.wSegment = <usize>columnTaps.tapStep * wTap
        work.segments = merged ? 1 : count
        work.run = merged ? count * groupChannels : groupChannels
        work.y = y
        runTile(n, lanes, work)
        y += yPixel
      }
    }
  }
}
