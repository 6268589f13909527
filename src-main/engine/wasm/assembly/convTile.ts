/**
 * The micro-kernel of convolutions: some filters × some of a block's 16 images at one output pixel, kept in registers over
 * `rows × segments × run` steps. One step is one input channel at one tap.
 */
import { CELL } from './layout'
import { madd } from './simd'

/** The work of one call, in the thread's scratch memory. */
@unmanaged
export class Tile {
  /** Moves by one cell a step, `xSegment` bytes a segment, `xRow` a row. */
  x: usize
  xSegment: usize
  xRow: usize
  /** Moves by one float per filter a step, likewise. */
  w: usize
  wSegment: usize
  wRow: usize
  rows: i32
  segments: i32
  run: i32
  /** One float per filter. Address 0 is a page of zeros, and stands for none. */
  bias: usize
  /** One cell per filter. */
  y: usize
}

/** N filters × V vectors of 4 images. */
@inline
function tile(N: i32, V: i32, t: Tile): void {
  let a0 = f32x4.splat(0)
  let b0 = f32x4.splat(0)
  let c0 = f32x4.splat(0)
  let d0 = f32x4.splat(0)
  let a1 = f32x4.splat(0)
  let b1 = f32x4.splat(0)
  let c1 = f32x4.splat(0)
  let d1 = f32x4.splat(0)
  let a2 = f32x4.splat(0)
  let b2 = f32x4.splat(0)
  let c2 = f32x4.splat(0)
  let d2 = f32x4.splat(0)
  let a3 = f32x4.splat(0)
  let b3 = f32x4.splat(0)
  let c3 = f32x4.splat(0)
  let d3 = f32x4.splat(0)
  let a4 = f32x4.splat(0)
  let b4 = f32x4.splat(0)
  let c4 = f32x4.splat(0)
  let d4 = f32x4.splat(0)
  let a5 = f32x4.splat(0)
  let b5 = f32x4.splat(0)
  let c5 = f32x4.splat(0)
  let d5 = f32x4.splat(0)
  const xSegment = t.xSegment
  const wSegment = t.wSegment
  const segments = t.segments
  const bytes = (<usize>t.run) * CELL
  let x = t.x
  let w = t.w
  for (let row = 0; row < t.rows; row++) {
    let xs = x
    let ws = w
    for (let segment = 0; segment < segments; segment++) {
      let xp = xs
      let wp = ws
      const last = xs + bytes
      while (xp < last) {
        const xa = v128.load(xp)
        const xb = v128.load(xp, 16)
        const xc = V > 2 ? v128.load(xp, 32) : xa
        const xd = V > 2 ? v128.load(xp, 48) : xa
        {
          const s = v128.load_splat<f32>(wp)
          a0 = madd(s, xa, a0)
          b0 = madd(s, xb, b0)
          if (V > 2) {
            c0 = madd(s, xc, c0)
            d0 = madd(s, xd, d0)
          }
        }
        if (N > 1) {
          const s = v128.load_splat<f32>(wp, 4)
          a1 = madd(s, xa, a1)
          b1 = madd(s, xb, b1)
          if (V > 2) {
            c1 = madd(s, xc, c1)
            d1 = madd(s, xd, d1)
          }
        }
        if (N > 2) {
          const s = v128.load_splat<f32>(wp, 8)
          a2 = madd(s, xa, a2)
          b2 = madd(s, xb, b2)
          if (V > 2) {
            c2 = madd(s, xc, c2)
            d2 = madd(s, xd, d2)
          }
        }
        if (N > 3) {
          const s = v128.load_splat<f32>(wp, 12)
          a3 = madd(s, xa, a3)
          b3 = madd(s, xb, b3)
          if (V > 2) {
            c3 = madd(s, xc, c3)
            d3 = madd(s, xd, d3)
          }
        }
        if (N > 4) {
          const s = v128.load_splat<f32>(wp, 16)
          a4 = madd(s, xa, a4)
          b4 = madd(s, xb, b4)
          if (V > 2) {
            c4 = madd(s, xc, c4)
            d4 = madd(s, xd, d4)
          }
        }
        if (N > 5) {
          const s = v128.load_splat<f32>(wp, 20)
          a5 = madd(s, xa, a5)
          b5 = madd(s, xb, b5)
          if (V > 2) {
            c5 = madd(s, xc, c5)
            d5 = madd(s, xd, d5)
          }
        }
        xp += CELL
        wp += <usize>N * 4
      }
      xs += xSegment
      ws += wSegment
    }
    x += t.xRow
    w += t.wRow
  }
  const y = t.y
  const bias = t.bias
  // Constant offsets: V8 pairs only stores to the same address.
  {
    const s = v128.load_splat<f32>(bias, 0)
    v128.store(y, f32x4.add(a0, s), 0)
    v128.store(y, f32x4.add(b0, s), 16)
    if (V > 2) {
      v128.store(y, f32x4.add(c0, s), 32)
      v128.store(y, f32x4.add(d0, s), 48)
    }
  }
  if (N > 1) {
    const s = v128.load_splat<f32>(bias, 4)
    v128.store(y, f32x4.add(a1, s), 64)
    v128.store(y, f32x4.add(b1, s), 80)
    if (V > 2) {
      v128.store(y, f32x4.add(c1, s), 96)
      v128.store(y, f32x4.add(d1, s), 112)
    }
  }
  if (N > 2) {
    const s = v128.load_splat<f32>(bias, 8)
    v128.store(y, f32x4.add(a2, s), 128)
    v128.store(y, f32x4.add(b2, s), 144)
    if (V > 2) {
      v128.store(y, f32x4.add(c2, s), 160)
      v128.store(y, f32x4.add(d2, s), 176)
    }
  }
  if (N > 3) {
    const s = v128.load_splat<f32>(bias, 12)
    v128.store(y, f32x4.add(a3, s), 192)
    v128.store(y, f32x4.add(b3, s), 208)
    if (V > 2) {
      v128.store(y, f32x4.add(c3, s), 224)
      v128.store(y, f32x4.add(d3, s), 240)
    }
  }
  if (N > 4) {
    const s = v128.load_splat<f32>(bias, 16)
    v128.store(y, f32x4.add(a4, s), 256)
    v128.store(y, f32x4.add(b4, s), 272)
    if (V > 2) {
      v128.store(y, f32x4.add(c4, s), 288)
      v128.store(y, f32x4.add(d4, s), 304)
    }
  }
  if (N > 5) {
    const s = v128.load_splat<f32>(bias, 20)
    v128.store(y, f32x4.add(a5, s), 320)
    v128.store(y, f32x4.add(b5, s), 336)
    if (V > 2) {
      v128.store(y, f32x4.add(c5, s), 352)
      v128.store(y, f32x4.add(d5, s), 368)
    }
  }
}

// One function per size: inlined side by side they would share registers and spill. Exported so that they stay apart.
export function tile1x16(t: Tile): void {
  tile(1, 4, t)
}
export function tile2x16(t: Tile): void {
  tile(2, 4, t)
}
export function tile3x16(t: Tile): void {
  tile(3, 4, t)
}
export function tile4x16(t: Tile): void {
  tile(4, 4, t)
}
export function tile5x16(t: Tile): void {
  tile(5, 4, t)
}
export function tile6x16(t: Tile): void {
  tile(6, 4, t)
}
export function tile1x8(t: Tile): void {
  tile(1, 2, t)
}
export function tile2x8(t: Tile): void {
  tile(2, 2, t)
}
export function tile3x8(t: Tile): void {
  tile(3, 2, t)
}
export function tile4x8(t: Tile): void {
  tile(4, 2, t)
}
export function tile5x8(t: Tile): void {
  tile(5, 2, t)
}
export function tile6x8(t: Tile): void {
  tile(6, 2, t)
}

/** One pixel of all 16 images. `filters`: 1 … 6, or … 4 with `lanes` 8 in the plain build, beyond which registers run out. */
export function runTile(filters: i32, lanes: i32, t: Tile): void {
  if (lanes == 16) {
    switch (filters) {
      case 1:
        return tile1x16(t)
      case 2:
        return tile2x16(t)
      case 3:
        return tile3x16(t)
      case 4:
        return tile4x16(t)
      case 5:
        return tile5x16(t)
      default:
        return tile6x16(t)
    }
  }
  tileOf8(filters, t)
  t.x += 32
  t.y += 32
  tileOf8(filters, t)
}

function tileOf8(filters: i32, t: Tile): void {
  switch (filters) {
    case 1:
      return tile1x8(t)
    case 2:
      return tile2x8(t)
    case 3:
      return tile3x8(t)
    case 4:
      return tile4x8(t)
    case 5:
      return tile5x8(t)
    default:
      return tile6x8(t)
  }
}
