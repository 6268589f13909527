/**
 * The micro-kernel of images that are not interleaved with others: some neighbouring output pixels × 8 or 16 filters, kept in
 * registers over `rows × segments × run` steps. One step is one input channel at one tap.
 */
import { madd } from './simd'

/** The work of one call, in the thread's scratch memory. */
@unmanaged
export class ImageTile {
  /** Input of the first pixel; moves by one float a step, `xSegment` bytes a segment, `xRow` a row. */
  x: usize
  /** From one output pixel's input to the next one's. */
  xPixel: usize
  xSegment: usize
  xRow: usize
  /** Panel of weights, read front to back: 8 or 16 filters a step. */
  w: usize
  rows: i32
  segments: i32
  run: i32
  /** Real filters of the panel. */
  n: i32
  /** One float per filter; address 0 is a page of zeros, and stands for none. */
  bias: usize
  y: usize
  yPixel: usize
  /** 64 bytes for filters that do not fill a panel. */
  spare: usize
}

/** M pixels × V vectors of 4 filters. */
@inline
function tile(M: i32, V: i32, t: ImageTile): void {
  // Reads beyond the last bias are never stored.
  const bias = t.bias
  let a0 = v128.load(bias)
  let b0 = v128.load(bias, 16)
  let c0 = V > 2 ? v128.load(bias, 32) : a0
  let d0 = V > 2 ? v128.load(bias, 48) : a0
  let a1 = a0
  let b1 = b0
  let c1 = c0
  let d1 = d0
  let a2 = a0
  let b2 = b0
  let c2 = c0
  let d2 = d0
  let a3 = a0
  let b3 = b0
  let c3 = c0
  let d3 = d0
  let a4 = a0
  let b4 = b0
  let c4 = c0
  let d4 = d0
  let a5 = a0
  let b5 = b0
  let c5 = c0
  let d5 = d0
  const x1 = t.xPixel
  const x2 = x1 * 2
  const x3 = x1 * 3
  const x4 = x1 * 4
  const x5 = x1 * 5
  const xSegment = t.xSegment
  const segments = t.segments
  const bytes = (<usize>t.run) << 2
  let x = t.x
  let w = t.w
  for (let row = 0; row < t.rows; row++) {
    let xs = x
    for (let segment = 0; segment < segments; segment++) {
      let q = xs
      const last = xs + bytes
      while (q < last) {
        const wa = v128.load(w)
        const wb = v128.load(w, 16)
        const wc = V > 2 ? v128.load(w, 32) : wa
        const wd = V > 2 ? v128.load(w, 48) : wa
        {
          const s = v128.load_splat<f32>(q)
          a0 = madd(s, wa, a0)
          b0 = madd(s, wb, b0)
          if (V > 2) {
            c0 = madd(s, wc, c0)
            d0 = madd(s, wd, d0)
          }
        }
        if (M > 1) {
          const s = v128.load_splat<f32>(q + x1)
          a1 = madd(s, wa, a1)
          b1 = madd(s, wb, b1)
          if (V > 2) {
            c1 = madd(s, wc, c1)
            d1 = madd(s, wd, d1)
          }
        }
        if (M > 2) {
          const s = v128.load_splat<f32>(q + x2)
          a2 = madd(s, wa, a2)
          b2 = madd(s, wb, b2)
          if (V > 2) {
            c2 = madd(s, wc, c2)
            d2 = madd(s, wd, d2)
          }
        }
        if (M > 3) {
          const s = v128.load_splat<f32>(q + x3)
          a3 = madd(s, wa, a3)
          b3 = madd(s, wb, b3)
          if (V > 2) {
            c3 = madd(s, wc, c3)
            d3 = madd(s, wd, d3)
          }
        }
        if (M > 4) {
          const s = v128.load_splat<f32>(q + x4)
          a4 = madd(s, wa, a4)
          b4 = madd(s, wb, b4)
          if (V > 2) {
            c4 = madd(s, wc, c4)
            d4 = madd(s, wd, d4)
          }
        }
        if (M > 5) {
          const s = v128.load_splat<f32>(q + x5)
          a5 = madd(s, wa, a5)
          b5 = madd(s, wb, b5)
          if (V > 2) {
            c5 = madd(s, wc, c5)
            d5 = madd(s, wd, d5)
          }
        }
        q += 4
        w += <usize>(V * 16)
      }
      xs += xSegment
    }
    x += t.xRow
  }
  const y = t.y
  const yPixel = t.yPixel
  storePixel(V, t, y, a0, b0, c0, d0)
  if (M > 1) storePixel(V, t, y + yPixel, a1, b1, c1, d1)
  if (M > 2) storePixel(V, t, y + yPixel * 2, a2, b2, c2, d2)
  if (M > 3) storePixel(V, t, y + yPixel * 3, a3, b3, c3, d3)
  if (M > 4) storePixel(V, t, y + yPixel * 4, a4, b4, c4, d4)
  if (M > 5) storePixel(V, t, y + yPixel * 5, a5, b5, c5, d5)
}

/**
 * One pixel's filters, of which those beyond n go no further than the spare cell. All loads come before the first store: V8 pairs
 * none that a store stands between.
 */
@inline
function storePixel(V: i32, t: ImageTile, y: usize, a: v128, b: v128, c: v128, d: v128): void {
  const full = t.n == V * 4
  const to = full ? y : t.spare
  v128.store(to, a)
  v128.store(to, b, 16)
  if (V > 2) {
    v128.store(to, c, 32)
    v128.store(to, d, 48)
  }
  if (!full) copyFloats(to, y, t.n)
}

function copyFloats(from: usize, to: usize, n: i32): void {
  const last = to + ((<usize>n) << 2)
  for (; to + 16 <= last; to += 16) {
    v128.store(to, v128.load(from))
    from += 16
  }
  for (; to < last; to += 4) {
    store<f32>(to, load<f32>(from))
    from += 4
  }
}

// One function per size: inlined side by side they would share registers and spill. Exported so that they stay apart.
export function imageTile1x16(t: ImageTile): void {
  tile(1, 4, t)
}
export function imageTile2x16(t: ImageTile): void {
  tile(2, 4, t)
}
export function imageTile3x16(t: ImageTile): void {
  tile(3, 4, t)
}
export function imageTile4x16(t: ImageTile): void {
  tile(4, 4, t)
}
export function imageTile5x16(t: ImageTile): void {
  tile(5, 4, t)
}
export function imageTile6x16(t: ImageTile): void {
  tile(6, 4, t)
}
export function imageTile1x8(t: ImageTile): void {
  tile(1, 2, t)
}
export function imageTile2x8(t: ImageTile): void {
  tile(2, 2, t)
}
export function imageTile3x8(t: ImageTile): void {
  tile(3, 2, t)
}
export function imageTile4x8(t: ImageTile): void {
  tile(4, 2, t)
}
export function imageTile5x8(t: ImageTile): void {
  tile(5, 2, t)
}
export function imageTile6x8(t: ImageTile): void {
  tile(6, 2, t)
}

/** `pixels`: 1 … 6; `filters`: 8 or 16, those of the panel. */
export function runImageTile(pixels: i32, filters: i32, t: ImageTile): void {
  if (filters == 16) {
    switch (pixels) {
      case 1:
        return imageTile1x16(t)
      case 2:
        return imageTile2x16(t)
      case 3:
        return imageTile3x16(t)
      case 4:
        return imageTile4x16(t)
      case 5:
        return imageTile5x16(t)
      default:
        return imageTile6x16(t)
    }
  }
  switch (pixels) {
    case 1:
      return imageTile1x8(t)
    case 2:
      return imageTile2x8(t)
    case 3:
      return imageTile3x8(t)
    case 4:
      return imageTile4x8(t)
    case 5:
      return imageTile5x8(t)
    default:
      return imageTile6x8(t)
  }
}
