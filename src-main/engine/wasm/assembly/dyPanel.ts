/** dy as weight gradients read it: all filters of a tile side by side, image after image. */
import { CELL, LANES, sumLanes } from './layout'

/** 4 × 4 floats: rows `from + i · CELL` become columns at `to + i · line`. Returns the rows' sum over lanes, lane by row. */
@inline
function transpose4(from: usize, to: usize, line: usize): v128 {
  const a = v128.load(from)
  const b = v128.load(from, 64)
  const c = v128.load(from, 128)
  const d = v128.load(from, 192)
  const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5)
  const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5)
  const ef = v128.shuffle<i32>(a, b, 2, 6, 3, 7)
  const gh = v128.shuffle<i32>(c, d, 2, 6, 3, 7)
  const e = v128.shuffle<i64>(ab, cd, 0, 2)
  const f = v128.shuffle<i64>(ab, cd, 1, 3)
  const g = v128.shuffle<i64>(ef, gh, 0, 2)
  const h = v128.shuffle<i64>(ef, gh, 1, 3)
  v128.store(to, e)
  v128.store(to + line, f)
  v128.store(to + 2 * line, g)
  v128.store(to + 3 * line, h)
  return f32x4.add(f32x4.add(e, f), f32x4.add(g, h))
}

/**
 * Transposes dy `[pixel][filter][16]` of n filters into a panel of `filters`; adds its sums to `bias` where that is not 0.
 */
export function fillPanel(
  dy: usize,
  dyPixel: usize,
  pixels: i32,
  n: i32,
  filters: i32,
  panel: usize,
  bias: usize,
): void {
  const line = (<usize>filters) << 2
  const pixelBytes = line * <usize>LANES
  let j = 0
  for (; j + 4 <= n; j += 4) {
    let from = dy + <usize>j * CELL
    let to = panel + ((<usize>j) << 2)
    let sum = f32x4.splat(0)
    for (let pixel = 0; pixel < pixels; pixel++) {
      sum = f32x4.add(sum, transpose4(from, to, line))
      sum = f32x4.add(sum, transpose4(from + 16, to + 4 * line, line))
      sum = f32x4.add(sum, transpose4(from + 32, to + 8 * line, line))
      sum = f32x4.add(sum, transpose4(from + 48, to + 12 * line, line))
      from += dyPixel
      to += pixelBytes
    }
    if (bias) {
      const at = bias + ((<usize>j) << 2)
      v128.store(at, f32x4.add(v128.load(at), sum))
    }
  }
  for (; j < filters; j++) {
    let from = dy + <usize>j * CELL
    let to = panel + ((<usize>j) << 2)
    let sum = f32x4.splat(0)
    for (let pixel = 0; pixel < pixels; pixel++) {
      for (let lane: usize = 0; lane < CELL; lane += 16) {
        const v = j < n ? v128.load(from + lane) : f32x4.splat(0)
        sum = f32x4.add(sum, v)
        v128.store_lane<f32>(to, v, 0)
        v128.store_lane<f32>(to + line, v, 1)
        v128.store_lane<f32>(to + 2 * line, v, 2)
        v128.store_lane<f32>(to + 3 * line, v, 3)
        to += 4 * line
      }
      from += dyPixel
    }
    if (bias && j < n) {
      const at = bias + ((<usize>j) << 2)
      store<f32>(at, load<f32>(at) + sumLanes(sum))
    }
  }
}

