/**
 * The micro-kernel of weight gradients: some input channels × 8 or 16 filters, kept in registers while x · dy is summed over
 * `rows × pixels` pixels of 16 lanes.
 */
import { CELL, LANES } from './layout'
import { madd } from './simd'

/** The work of one call, in the thread's scratch memory. */
@unmanaged
export class GradTile {
  /** Input channels lie one cell apart; pixels and rows: */
  x: usize
  xPixel: usize
  xRow: usize
  /** dy as `[row][pixel][lane][filter]`, filters filled up with zeros to 8 or 16. */
  panel: usize
  panelRow: usize
  rows: i32
  pixels: i32
  /** Where the sums are added: one row of n filters per input channel, `toRow` bytes apart. */
  to: usize
  toRow: usize
  n: i32
  /** 64 bytes to add up a row of fewer filters. */
  spare: usize
}

/** M input channels × V vectors of 4 filters. */
@inline
function gradTile(M: i32, V: i32, t: GradTile): void {
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
  const xPixel = t.xPixel
  const bytes = (<usize>t.pixels) * <usize>(LANES * V * 16)
  let x = t.x
  let panel = t.panel
  for (let row = 0; row < t.rows; row++) {
    let xp = x
    let p = panel
    const last = panel + bytes
    while (p < last) {
      const pixelEnd = p + <usize>(LANES * V * 16)
      let q = xp
      while (p < pixelEnd) {
        const da = v128.load(p)
        const db = v128.load(p, 16)
        const dc = V > 2 ? v128.load(p, 32) : da
        const dd = V > 2 ? v128.load(p, 48) : da
        {
          const s = v128.load_splat<f32>(q)
          a0 = madd(s, da, a0)
          b0 = madd(s, db, b0)
          if (V > 2) {
            c0 = madd(s, dc, c0)
            d0 = madd(s, dd, d0)
          }
        }
        if (M > 1) {
          const s = v128.load_splat<f32>(q, 64)
          a1 = madd(s, da, a1)
          b1 = madd(s, db, b1)
          if (V > 2) {
            c1 = madd(s, dc, c1)
            d1 = madd(s, dd, d1)
          }
        }
        if (M > 2) {
          const s = v128.load_splat<f32>(q, 128)
          a2 = madd(s, da, a2)
          b2 = madd(s, db, b2)
          if (V > 2) {
            c2 = madd(s, dc, c2)
            d2 = madd(s, dd, d2)
          }
        }
        if (M > 3) {
          const s = v128.load_splat<f32>(q, 192)
          a3 = madd(s, da, a3)
          b3 = madd(s, db, b3)
          if (V > 2) {
            c3 = madd(s, dc, c3)
            d3 = madd(s, dd, d3)
          }
        }
        if (M > 4) {
          const s = v128.load_splat<f32>(q, 256)
          a4 = madd(s, da, a4)
          b4 = madd(s, db, b4)
          if (V > 2) {
            c4 = madd(s, dc, c4)
            d4 = madd(s, dd, d4)
          }
        }
        if (M > 5) {
          const s = v128.load_splat<f32>(q, 320)
          a5 = madd(s, da, a5)
          b5 = madd(s, db, b5)
          if (V > 2) {
            c5 = madd(s, dc, c5)
            d5 = madd(s, dd, d5)
          }
        }
        p += <usize>(V * 16)
        q += 4
      }
      xp += xPixel
    }
    x += t.xRow
    panel += t.panelRow
  }
  const to = t.to
  const toRow = t.toRow
  if (t.n == V * 4) {
    addFull(V, to, a0, b0, c0, d0)
    if (M > 1) addFull(V, to + toRow, a1, b1, c1, d1)
    if (M > 2) addFull(V, to + toRow * 2, a2, b2, c2, d2)
    if (M > 3) addFull(V, to + toRow * 3, a3, b3, c3, d3)
    if (M > 4) addFull(V, to + toRow * 4, a4, b4, c4, d4)
    if (M > 5) addFull(V, to + toRow * 5, a5, b5, c5, d5)
  } else {
    addPart(V, t, to, a0, b0, c0, d0)
    if (M > 1) addPart(V, t, to + toRow, a1, b1, c1, d1)
    if (M > 2) addPart(V, t, to + toRow * 2, a2, b2, c2, d2)
    if (M > 3) addPart(V, t, to + toRow * 3, a3, b3, c3, d3)
    if (M > 4) addPart(V, t, to + toRow * 4, a4, b4, c4, d4)
    if (M > 5) addPart(V, t, to + toRow * 5, a5, b5, c5, d5)
  }
}

@inline
function addFull(V: i32, to: usize, a: v128, b: v128, c: v128, d: v128): void {
  // All loads before the stores: V8 pairs none that a store stands between.
  const e = f32x4.add(v128.load(to), a)
  const f = f32x4.add(v128.load(to, 16), b)
  const g = V > 2 ? f32x4.add(v128.load(to, 32), c) : e
  const h = V > 2 ? f32x4.add(v128.load(to, 48), d) : f
  v128.store(to, e)
  v128.store(to, f, 16)
  if (V > 2) {
    v128.store(to, g, 32)
    v128.store(to, h, 48)
  }
}

@inline
function addPart(V: i32, t: GradTile, to: usize, a: v128, b: v128, c: v128, d: v128): void {
  const spare = t.spare
  v128.store(spare, a)
  v128.store(spare, b, 16)
  if (V > 2) {
    v128.store(spare, c, 32)
    v128.store(spare, d, 48)
  }
  addSpare(t.n, spare, to)
}

function addSpare(n: i32, spare: usize, to: usize): void {
  const bytes = (<usize>n) << 2
  let j: usize = 0
  for (; j + 16 <= bytes; j += 16) {
    v128.store(to + j, f32x4.add(v128.load(to + j), v128.load(spare + j)))
  }
  for (; j < bytes; j += 4) store<f32>(to + j, load<f32>(to + j) + load<f32>(spare + j))
}

// One function per size: inlined side by side they would share registers and spill. Exported so that they stay apart.
export function gradTile1x16(t: GradTile): void {
  gradTile(1, 4, t)
}
export function gradTile2x16(t: GradTile): void {
  gradTile(2, 4, t)
}
export function gradTile3x16(t: GradTile): void {
  gradTile(3, 4, t)
}
export function gradTile4x16(t: GradTile): void {
  gradTile(4, 4, t)
}
export function gradTile5x16(t: GradTile): void {
  gradTile(5, 4, t)
}
export function gradTile6x16(t: GradTile): void {
  gradTile(6, 4, t)
}
export function gradTile1x8(t: GradTile): void {
  gradTile(1, 2, t)
}
export function gradTile2x8(t: GradTile): void {
  gradTile(2, 2, t)
}
export function gradTile3x8(t: GradTile): void {
  gradTile(3, 2, t)
}
export function gradTile4x8(t: GradTile): void {
  gradTile(4, 2, t)
}
export function gradTile5x8(t: GradTile): void {
  gradTile(5, 2, t)
}
export function gradTile6x8(t: GradTile): void {
  gradTile(6, 2, t)
}

/** `channels`: 1 … 6; `filters`: 8 or 16, those of the panel. */
export function runGradTile(channels: i32, filters: i32, t: GradTile): void {
  if (filters == 16) {
    switch (channels) {
      case 1:
        return gradTile1x16(t)
      case 2:
        return gradTile2x16(t)
      case 3:
        return gradTile3x16(t)
      case 4:
        return gradTile4x16(t)
      case 5:
        return gradTile5x16(t)
      default:
        return gradTile6x16(t)
    }
  }
  switch (channels) {
    case 1:
      return gradTile1x8(t)
    case 2:
      return gradTile2x8(t)
    case 3:
      return gradTile3x8(t)
    case 4:
      return gradTile4x8(t)
    case 5:
      return gradTile5x8(t)
    default:
      return gradTile6x8(t)
  }
}

/** A run of input channels (and, where merged, kernel columns), cut into tiles of about equal size. */
export function gradRun(run: i32, tileChannels: i32, filters: i32, work: GradTile): void {
  const tiles = (run + tileChannels - 1) / tileChannels
  let done = 0
  for (let tile = 1; tile <= tiles; tile++) {
    const count = (run * tile) / tiles - done
    runGradTile(count, filters, work)
    work.x += <usize>count * CELL
    work.to += <usize>count * work.toRow
    done += count
  }
}

