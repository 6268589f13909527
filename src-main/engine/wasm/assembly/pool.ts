/** Pooling. Padding never takes part: maxima ignore it, averages divide by the real cells. */
import { CELL, partStart, Step } from './layout'

@unmanaged
class PoolArgs {
  x: usize
  y: usize
  stride: usize
  inHeight: i32
  inWidth: i32
  /** Bytes of all channels of a pixel. */
  pixel: usize
  outHeight: i32
  outWidth: i32
  poolHeight: i32
  poolWidth: i32
  strideY: i32
  strideX: i32
  padTop: i32
  padLeft: i32
}

@unmanaged
class PoolGradArgs {
  x: usize
  y: usize
  dy: usize
  dx: usize
  stride: usize
  inHeight: i32
  inWidth: i32
  /** Bytes of all channels of a pixel. */
  pixel: usize
  outHeight: i32
  outWidth: i32
  poolHeight: i32
  poolWidth: i32
  strideY: i32
  strideX: i32
  padTop: i32
  padLeft: i32
  /** Shares the channels are split into. */
  parts: i32
  /** The windows lie side by side and cover the map: every gradient is written once. */
  tiled: i32
}

/** Item: (block, output row). */
@inline
function pool(isMax: bool, begin: i32, end: i32, a: PoolArgs): void {
  const pixel = a.pixel
  const line = <usize>a.inWidth * pixel
  const outWidth = a.outWidth
  for (let item = begin; item < end; item++) {
    const block = <usize>(item / a.outHeight) * a.stride
    const oy = item % a.outHeight
    const top = max(0, oy * a.strideY - a.padTop)
    const bottom = min(a.inHeight, oy * a.strideY - a.padTop + a.poolHeight)
    let y = a.y + block + <usize>(oy * outWidth) * pixel
    for (let ox = 0; ox < outWidth; ox++) {
      const left = max(0, ox * a.strideX - a.padLeft)
      const right = min(a.inWidth, ox * a.strideX - a.padLeft + a.poolWidth)
      const x = a.x + block + <usize>top * line + <usize>left * pixel
      const width = <usize>(right - left) * pixel
      const share = f32x4.splat(1 / <f32>((bottom - top) * (right - left)))
      let at: usize = 0
      for (; at + 32 <= pixel; at += 32) {
        let row = x + at
        let a = isMax ? v128.load(row) : f32x4.splat(0)
        let b = isMax ? v128.load(row, 16) : f32x4.splat(0)
        for (let iy = top; iy < bottom; iy++) {
          for (let from = row; from < row + width; from += pixel) {
            const v = v128.load(from)
            const w = v128.load(from, 16)
            // pmax(a, b) is b only where a < b: the first largest stays.
            a = isMax ? f32x4.pmax(a, v) : f32x4.add(a, v)
            b = isMax ? f32x4.pmax(b, w) : f32x4.add(b, w)
          }
          row += line
        }
        const to = y + at
        v128.store(to, isMax ? a : f32x4.mul(a, share))
        v128.store(to, isMax ? b : f32x4.mul(b, share), 16)
      }
      // Channels of a single image that do not fill a vector.
      for (; at < pixel; at += 4) {
        let row = x + at
        let v = isMax ? load<f32>(row) : 0
        for (let iy = top; iy < bottom; iy++) {
          for (let from = row; from < row + width; from += pixel) {
            const w = load<f32>(from)
            v = isMax ? (v < w ? w : v) : v + w
          }
          row += line
        }
        store<f32>(y + at, isMax ? v : v * f32x4.extract_lane(share, 0))
      }
      y += pixel
    }
  }
}

export function maxPool(begin: i32, end: i32, step: Step, a: PoolArgs): void {
  pool(true, begin, end, a)
}

export function avgPool(begin: i32, end: i32, step: Step, a: PoolArgs): void {
  pool(false, begin, end, a)
}

/** Item: (block, part of the channels); windows may overlap, so one item adds over the whole map. */
@inline
function poolGrad(isMax: bool, tiled: bool, begin: i32, end: i32, a: PoolGradArgs): void {
  const pixel = a.pixel
  const line = <usize>a.inWidth * pixel
  const channels = <i32>(pixel / CELL)
  for (let item = begin; item < end; item++) {
    const block = <usize>(item / a.parts) * a.stride
    const part = item % a.parts
    const first = partStart(channels, part, a.parts) * CELL
    const last = partStart(channels, part + 1, a.parts) * CELL
    const x = a.x + block
    const dx = a.dx + block
    for (let cell = dx; !tiled && cell < dx + <usize>a.inHeight * line; cell += pixel) {
      memory.fill(cell + first, 0, last - first)
    }
    for (let oy = 0; oy < a.outHeight; oy++) {
      const top = max(0, oy * a.strideY - a.padTop)
      const bottom = min(a.inHeight, oy * a.strideY - a.padTop + a.poolHeight)
      for (let ox = 0; ox < a.outWidth; ox++) {
        const left = max(0, ox * a.strideX - a.padLeft)
        const right = min(a.inWidth, ox * a.strideX - a.padLeft + a.poolWidth)
        const corner = <usize>top * line + <usize>left * pixel
        const width = <usize>(right - left) * pixel
        const output = block + <usize>(oy * a.outWidth + ox) * pixel
        const y = a.y + output
        const dy = a.dy + output
        const share = f32x4.splat(1 / <f32>((bottom - top) * (right - left)))
        for (let at = first; at < last; at += 32) {
          const from = dy + at
          const a = isMax ? v128.load(from) : f32x4.mul(v128.load(from), share)
          const b = isMax ? v128.load(from, 16) : f32x4.mul(v128.load(from, 16), share)
          const largestA = isMax ? v128.load(y + at) : f32x4.splat(0)
          const largestB = isMax ? v128.load(y + at, 16) : f32x4.splat(0)
          let openA = i32x4.splat(-1)
          let openB = openA
          let row = corner + at
          for (let iy = top; iy < bottom; iy++) {
            for (let cell = row; cell < row + width; cell += pixel) {
              const to = dx + cell
              let g = a
              let h = b
              if (isMax) {
                const hereA = v128.and(f32x4.eq(v128.load(x + cell), largestA), openA)
                const hereB = v128.and(f32x4.eq(v128.load(x + cell, 16), largestB), openB)
                openA = v128.andnot(openA, hereA)
                openB = v128.andnot(openB, hereB)
                g = v128.and(a, hereA)
                h = v128.and(b, hereB)
              }
              // Both loads before the stores: V8 pairs none that a store stands between.
              if (!tiled) {
                g = f32x4.add(v128.load(to), g)
                h = f32x4.add(v128.load(to, 16), h)
              }
              v128.store(to, g)
              v128.store(to, h, 16)
            }
            row += line
          }
        }
      }
    }
  }
}

export function maxPoolGrad(begin: i32, end: i32, step: Step, a: PoolGradArgs): void {
  if (a.tiled) poolGrad(true, true, begin, end, a)
  else poolGrad(true, false, begin, end, a)
}

export function avgPoolGrad(begin: i32, end: i32, step: Step, a: PoolGradArgs): void {
  if (a.tiled) poolGrad(false, true, begin, end, a)
  else poolGrad(false, false, begin, end, a)
}

@unmanaged
class GlobalPoolArgs {
  x: usize
  y: usize
  stride: usize
  pixels: i32
  /** Bytes of all channels of a pixel. */
  pixel: usize
}

/** Mean over the map. Item: (block, 64 bytes of channels). The last 16 may reach beyond the end, where they do no harm. */
export function globalAvgPool(begin: i32, end: i32, step: Step, a: GlobalPoolArgs): void {
  const pixel = a.pixel
  const cells = <i32>((pixel + CELL - 1) / CELL)
  const share = f32x4.splat(1 / <f32>a.pixels)
  for (let item = begin; item < end; item++) {
    const cell = <usize>(item % cells) * CELL
    const block = <usize>(item / cells) * a.stride
    for (let at = cell; at < min(pixel, cell + CELL); at += 16) {
      let sum = f32x4.splat(0)
      let from = a.x + block + at
      for (let i = 0; i < a.pixels; i++) {
        sum = f32x4.add(sum, v128.load(from))
        from += pixel
      }
      v128.store(a.y + block + at, f32x4.mul(sum, share))
    }
  }
}

/** x is dx and y is dy. Item: (block, channel). */
export function globalAvgPoolGrad(begin: i32, end: i32, step: Step, a: GlobalPoolArgs): void {
  const pixel = a.pixel
  const channels = <i32>(pixel / CELL)
  const share = f32x4.splat(1 / <f32>a.pixels)
  for (let item = begin; item < end; item++) {
    const at = <usize>(item / channels) * a.stride + <usize>(item % channels) * CELL
    for (let lane: usize = 0; lane < CELL; lane += 16) {
      const gradient = f32x4.mul(v128.load(a.y + at + lane), share)
      let to = a.x + at + lane
      for (let i = 0; i < a.pixels; i++) {
        v128.store(to, gradient)
        to += pixel
      }
    }
  }
}
