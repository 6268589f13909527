/**
 * The input side of Winograd's convolution, F(2 × 2, 3 × 3): the 4 × 4 pixels d that a tile of 2 × 2 outputs looks at become
 * Bᵀ d B, sixteen positions at which channels multiply with filters. Lavin & Gray 2016, "Fast Algorithms for Convolutional
 * Neural Networks".
 */
import { CELL } from './layout'

/** Bytes of a position: `tiles` tiles of so many channels, and a cell so that positions do not meet in the same cache lines. */
@inline
export function positionBytes(tiles: i32, channels: i32): usize {
  return <usize>(tiles * channels + 1) * CELL
}

/** One row of Bᵀ d B for the half cells at `a` and `b`: rows of d, whose difference or sum is that row of Bᵀ d. */
@inline
function inputRow(sum: bool, a: usize, b: usize, pixel: usize, to: usize, position: usize): void {
  const p0 = v128.load(a)
  const q0 = v128.load(a, 16)
  const r0 = v128.load(b)
  const s0 = v128.load(b, 16)
  const t0 = sum ? f32x4.add(p0, r0) : f32x4.sub(p0, r0)
  const u0 = sum ? f32x4.add(q0, s0) : f32x4.sub(q0, s0)
  const a1 = a + pixel
  const b1 = b + pixel
  const p1 = v128.load(a1)
  const q1 = v128.load(a1, 16)
  const r1 = v128.load(b1)
  const s1 = v128.load(b1, 16)
  const t1 = sum ? f32x4.add(p1, r1) : f32x4.sub(p1, r1)
  const u1 = sum ? f32x4.add(q1, s1) : f32x4.sub(q1, s1)
  const a2 = a1 + pixel
  const b2 = b1 + pixel
  const p2 = v128.load(a2)
  const q2 = v128.load(a2, 16)
  const r2 = v128.load(b2)
  const s2 = v128.load(b2, 16)
  const t2 = sum ? f32x4.add(p2, r2) : f32x4.sub(p2, r2)
  const u2 = sum ? f32x4.add(q2, s2) : f32x4.sub(q2, s2)
  const a3 = a2 + pixel
  const b3 = b2 + pixel
  const p3 = v128.load(a3)
  const q3 = v128.load(a3, 16)
  const r3 = v128.load(b3)
  const s3 = v128.load(b3, 16)
  const t3 = sum ? f32x4.add(p3, r3) : f32x4.sub(p3, r3)
  const u3 = sum ? f32x4.add(q3, s3) : f32x4.sub(q3, s3)
  v128.store(to, f32x4.sub(t0, t2))
  v128.store(to, f32x4.sub(u0, u2), 16)
  const to1 = to + position
  v128.store(to1, f32x4.add(t1, t2))
  v128.store(to1, f32x4.add(u1, u2), 16)
  const to2 = to1 + position
  v128.store(to2, f32x4.sub(t2, t1))
  v128.store(to2, f32x4.sub(u2, u1), 16)
  const to3 = to2 + position
  v128.store(to3, f32x4.sub(t1, t3))
  v128.store(to3, f32x4.sub(u1, u3), 16)
}

/** All channels of one tile. d: 4 × 4 pixels, `line` and `pixel` bytes apart. */
function transformPatch(d: usize, line: usize, pixel: usize, bytes: usize, to: usize, position: usize): void {
  const row1 = d + line
  const row2 = row1 + line
  const row3 = row2 + line
  for (let at: usize = 0; at < bytes; at += 32) {
    inputRow(false, d + at, row2 + at, pixel, to + at, position)
    inputRow(true, row1 + at, row2 + at, pixel, to + at + 4 * position, position)
    inputRow(false, row2 + at, row1 + at, pixel, to + at + 8 * position, position)
    inputRow(false, row1 + at, row3 + at, pixel, to + at + 12 * position, position)
  }
}

/**
 * Bᵀ d B of `count` tiles side by side, whose first pixel is at (top, left) of a block's map x: `[position][tile][channel]`.
 * Pixels outside the map are 0. `patch`: scratch of 16 pixels.
 */
export function transformInput(
  x: usize,
  height: i32,
  width: i32,
  channels: i32,
  top: i32,
  left: i32,
  count: i32,
  to: usize,
  position: usize,
  patch: usize,
): void {
  const pixel = <usize>channels * CELL
  const line = <usize>width * pixel
  for (let tile = 0; tile < count; tile++) {
    if (top >= 0 && left >= 0 && top + 4 <= height && left + 4 <= width) {
      transformPatch(x + <usize>top * line + <usize>left * pixel, line, pixel, pixel, to, position)
    } else {
      for (let i = 0; i < 16; i++) {
        const row = top + (i >> 2)
        const column = left + (i & 3)
        const cell = patch + <usize>i * pixel
        if (row >= 0 && row < height && column >= 0 && column < width) {
          memory.copy(cell, x + <usize>row * line + <usize>column * pixel, pixel)
        } else memory.fill(cell, 0, pixel)
      }
      transformPatch(patch, 4 * pixel, pixel, pixel, to, position)
    }
    left += 2
    to += pixel
  }
}
