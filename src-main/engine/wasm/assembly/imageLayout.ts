/** What else differs for images that lie one after the other: softmax, batch normalisation, the way into and out of lanes. */
import { CELL, LANES, partStart, Step } from './layout'
import { exp } from './math'

@unmanaged
class ImageSoftmaxArgs {
  x: usize
  y: usize
  stride: usize
  /** Vectors per image and their length. */
  vectors: i32
  length: i32
}

/** Item: (image, vector). */
export function imageSoftmax(begin: i32, end: i32, step: Step, a: ImageSoftmaxArgs): void {
  const bytes = (<usize>a.length) << 2
  for (let item = begin; item < end; item++) {
    const start = <usize>(item / a.vectors) * a.stride + <usize>(item % a.vectors) * bytes
    const x = a.x + start
    const y = a.y + start
    let largest = load<f32>(x)
    for (let at: usize = 4; at < bytes; at += 4) largest = max(largest, load<f32>(x + at))
    let sum: f32 = 0
    for (let at: usize = 0; at < bytes; at += 4) {
      const e = f32x4.extract_lane(exp(f32x4.splat(load<f32>(x + at) - largest)), 0)
      sum += e
      store<f32>(y + at, e)
    }
    for (let at: usize = 0; at < bytes; at += 4) store<f32>(y + at, load<f32>(y + at) / sum)
  }
}

@unmanaged
class ImageNormArgs {
  x: usize
  gamma: usize
  beta: usize
  movingMean: usize
  movingVariance: usize
  y: usize
  stride: usize
  pixels: i32
  channels: i32
  parts: i32
  epsilon: f32
}

/** Batch normalisation with the moving statistics. Item: (image, part of the channels). */
export function imageNorm(begin: i32, end: i32, step: Step, a: ImageNormArgs): void {
  const pixel = (<usize>a.channels) << 2
  for (let item = begin; item < end; item++) {
    const image = <usize>(item / a.parts) * a.stride
    const last = partStart(a.channels, (item % a.parts) + 1, a.parts) << 2
    for (let c = partStart(a.channels, item % a.parts, a.parts) << 2; c < last; c += 4) {
      const scale = load<f32>(a.gamma + c) * (1 / Mathf.sqrt(load<f32>(a.movingVariance + c) + a.epsilon))
      const mean = load<f32>(a.movingMean + c)
      const beta = load<f32>(a.beta + c)
      let x = a.x + image + c
      let y = a.y + image + c
      for (let i = 0; i < a.pixels; i++) {
        store<f32>(y, (load<f32>(x) - mean) * scale + beta)
        x += pixel
        y += pixel
      }
    }
  }
}

@unmanaged
class LanesArgs {
  /** Values of the images, `stride` bytes from one to the next. */
  images: usize
  /** The same as `[value][16]`. */
  cells: usize
  stride: usize
  size: i32
}

/** At most 16 images side by side, where a kernel needs them so. Item: all. */
export function toLanes(begin: i32, end: i32, step: Step, a: LanesArgs): void {
  for (let lane = 0; lane < min(step.images, LANES); lane++) {
    const from = a.images + <usize>lane * a.stride
    const to = a.cells + ((<usize>lane) << 2)
    for (let i = 0; i < a.size; i++) store<f32>(to + <usize>i * CELL, load<f32>(from + ((<usize>i) << 2)))
  }
}

/** The way back. Item: all. */
export function fromLanes(begin: i32, end: i32, step: Step, a: LanesArgs): void {
  for (let lane = 0; lane < min(step.images, LANES); lane++) {
    const from = a.cells + ((<usize>lane) << 2)
    const to = a.images + <usize>lane * a.stride
    for (let i = 0; i < a.size; i++) store<f32>(to + ((<usize>i) << 2), load<f32>(from + <usize>i * CELL))
  }
}
