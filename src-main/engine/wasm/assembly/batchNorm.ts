/**
 * Batch normalisation. Statistics over the batch and the map are taken in two parts, so that they do not depend on the
 * number of threads: every block leaves its mean and sum of squared deviations, and one thread per channel joins them in
 * block order (Chan, Golub & LeVeque 1979).
 */
import { CELL, LANES, laneMask, realLanes, Step, sumLanes } from './layout'

@unmanaged
class NormArgs {
  x: usize
  gamma: usize
  beta: usize
  movingMean: usize
  movingVariance: usize
  y: usize
  mean: usize
  invStd: usize
  stride: usize
  pixels: i32
  channels: i32
  momentum: f32
  epsilon: f32
  /** Two doubles per block and channel. */
  partials: usize
}

/** Mean and squared deviations of one block. Item: (block, channel). */
export function batchNormStatistics(begin: i32, end: i32, step: Step, a: NormArgs): void {
  const channels = a.channels
  const pixel = <usize>channels * CELL
  for (let item = begin; item < end; item++) {
    const block = item / channels
    const images = realLanes(step, block)
    const x = a.x + <usize>block * a.stride + <usize>(item % channels) * CELL
    let sum: f32 = 0
    for (let lane = 0; lane < images; lane += 4) {
      let lanes = f32x4.splat(0)
      let from = x + (<usize>lane << 2)
      for (let i = 0; i < a.pixels; i++) {
        lanes = f32x4.add(lanes, v128.load(from))
        from += pixel
      }
      sum += sumLanes(v128.and(lanes, laneMask(lane, images)))
    }
    const count = <f32>(images * a.pixels)
    const mean = sum / count
    // Deviations from the rounded mean do not add up to 0; what is left corrects both results.
    const centre = f32x4.splat(mean)
    let squares: f32 = 0
    let rest: f32 = 0
    for (let lane = 0; lane < images; lane += 4) {
      let lanes = f32x4.splat(0)
      let offs = lanes
      let from = x + (<usize>lane << 2)
      for (let i = 0; i < a.pixels; i++) {
        const d = f32x4.sub(v128.load(from), centre)
        lanes = f32x4.add(lanes, f32x4.mul(d, d))
        offs = f32x4.add(offs, d)
        from += pixel
      }
      const mask = laneMask(lane, images)
      squares += sumLanes(v128.and(lanes, mask))
      rest += sumLanes(v128.and(offs, mask))
    }
    const partial = a.partials + (<usize>item << 4)
    store<f64>(partial, <f64>mean + <f64>rest / <f64>count)
    store<f64>(partial, <f64>squares - (<f64>rest * <f64>rest) / <f64>count, 8)
  }
}

/** Joins the blocks; updates the moving statistics (running variance unbiased). Item: channel. */
export function batchNormJoin(begin: i32, end: i32, step: Step, a: NormArgs): void {
  for (let c = begin; c < end; c++) {
    let count: f64 = 0
    let mean: f64 = 0
    let squares: f64 = 0
    for (let block = 0; block < step.blocks; block++) {
      const partial = a.partials + (<usize>(block * a.channels + c) << 4)
      const n = <f64>(realLanes(step, block) * a.pixels)
      const delta = load<f64>(partial) - mean
      const total = count + n
      mean += (delta * n) / total
      squares += load<f64>(partial, 8) + (delta * delta * count * n) / total
      count = total
    }
    const at = <usize>c << 2
    store<f32>(a.mean + at, <f32>mean)
    store<f32>(a.invStd + at, <f32>(1 / Math.sqrt(squares / count + <f64>a.epsilon)))
    const unbiased = <f32>(squares / max(count - 1, 1))
    const m = a.momentum
    store<f32>(a.movingMean + at, m * load<f32>(a.movingMean + at) + (1 - m) * <f32>mean)
    store<f32>(a.movingVariance + at, m * load<f32>(a.movingVariance + at) + (1 - m) * unbiased)
  }
}

/** y = (x − mean) · invStd · gamma + beta. Item: (block, channel). */
export function batchNormApply(begin: i32, end: i32, step: Step, a: NormArgs): void {
  const channels = a.channels
  for (let item = begin; item < end; item++) {
    const at = <usize>(item % channels) << 2
    const scale = load<f32>(a.invStd + at) * load<f32>(a.gamma + at)
    const start = <usize>(item / channels) * a.stride + <usize>(item % channels) * CELL
    normalise(a.x + start, a.y + start, a.pixels, channels, load<f32>(a.mean + at), scale, load<f32>(a.beta + at))
  }
}

/** With the moving statistics; mean and invStd are unused. Item: (block, channel). */
export function batchNormInference(begin: i32, end: i32, step: Step, a: NormArgs): void {
  const channels = a.channels
  for (let item = begin; item < end; item++) {
    const at = <usize>(item % channels) << 2
    const invStd: f32 = 1 / Mathf.sqrt(load<f32>(a.movingVariance + at) + a.epsilon)
    const scale = invStd * load<f32>(a.gamma + at)
    const start = <usize>(item / channels) * a.stride + <usize>(item % channels) * CELL
    const mean = load<f32>(a.movingMean + at)
    normalise(a.x + start, a.y + start, a.pixels, channels, mean, scale, load<f32>(a.beta + at))
  }
}

@inline
function normalise(x: usize, y: usize, pixels: i32, channels: i32, mean: f32, scale: f32, beta: f32): void {
  const pixel = <usize>channels * CELL
  const m = f32x4.splat(mean)
  const s = f32x4.splat(scale)
  const b = f32x4.splat(beta)
  for (let i = 0; i < pixels; i++) {
    for (let lane: usize = 0; lane < CELL; lane += 16) {
      v128.store(y + lane, f32x4.add(f32x4.mul(f32x4.sub(v128.load(x + lane), m), s), b))
    }
    x += pixel
    y += pixel
  }
}

@unmanaged
class NormGradArgs {
  x: usize
  dy: usize
  gamma: usize
  mean: usize
  invStd: usize
  dx: usize
  dGamma: usize
  dBeta: usize
  stride: usize
  pixels: i32
  channels: i32
  partials: usize
}

/** Σ dy and Σ dy · (x − mean) · invStd of one block. Item: (block, channel). */
export function batchNormGradSums(begin: i32, end: i32, step: Step, a: NormGradArgs): void {
  const channels = a.channels
  const pixel = <usize>channels * CELL
  for (let item = begin; item < end; item++) {
    const block = item / channels
    const c = item % channels
    const images = realLanes(step, block)
    const start = <usize>block * a.stride + <usize>c * CELL
    const mean = f32x4.splat(load<f32>(a.mean + (<usize>c << 2)))
    let dBeta: f64 = 0
    let dGamma: f64 = 0
    for (let lane = 0; lane < images; lane += 4) {
      let sums = f32x4.splat(0)
      let products = f32x4.splat(0)
      let at = start + (<usize>lane << 2)
      for (let i = 0; i < a.pixels; i++) {
        const dy = v128.load(a.dy + at)
        sums = f32x4.add(sums, dy)
        products = f32x4.add(products, f32x4.mul(dy, f32x4.sub(v128.load(a.x + at), mean)))
        at += pixel
      }
      const mask = laneMask(lane, images)
      dBeta += <f64>sumLanes(v128.and(sums, mask))
      dGamma += <f64>sumLanes(v128.and(products, mask))
    }
    const partial = a.partials + (<usize>item << 4)
    store<f64>(partial, dBeta)
    store<f64>(partial, dGamma * <f64>load<f32>(a.invStd + (<usize>c << 2)), 8)
  }
}

/** Adds the blocks up in order. Item: channel. */
export function batchNormGradJoin(begin: i32, end: i32, step: Step, a: NormGradArgs): void {
  for (let c = begin; c < end; c++) {
    let dBeta: f64 = 0
    let dGamma: f64 = 0
    for (let block = 0; block < step.blocks; block++) {
      const partial = a.partials + (<usize>(block * a.channels + c) << 4)
      dBeta += load<f64>(partial)
      dGamma += load<f64>(partial, 8)
    }
    store<f32>(a.dBeta + (<usize>c << 2), <f32>dBeta)
    store<f32>(a.dGamma + (<usize>c << 2), <f32>dGamma)
  }
}

/** dx = gamma · invStd · (dy − dBeta / n − x̂ · dGamma / n); 0 for lanes without an image. Item: (block, channel). */
export function batchNormGradApply(begin: i32, end: i32, step: Step, a: NormGradArgs): void {
  const channels = a.channels
  const pixel = <usize>channels * CELL
  const count = <f32>(step.images * a.pixels)
  for (let item = begin; item < end; item++) {
    const at = <usize>(item % channels) << 2
    const block = item / channels
    const images = realLanes(step, block)
    const invStd = load<f32>(a.invStd + at)
    const mean = f32x4.splat(load<f32>(a.mean + at))
    const scale = f32x4.splat(load<f32>(a.gamma + at) * invStd)
    const shift = f32x4.splat(load<f32>(a.dBeta + at) / count)
    const tilt = f32x4.splat((load<f32>(a.dGamma + at) / count) * invStd)
    const start = <usize>block * a.stride + <usize>(item % channels) * CELL
    for (let lane = 0; lane < LANES; lane += 4) {
      const mask = laneMask(lane, images)
      let place = start + (<usize>lane << 2)
      for (let i = 0; i < a.pixels; i++) {
        const lean = f32x4.mul(f32x4.sub(v128.load(a.x + place), mean), tilt)
        const g = f32x4.sub(f32x4.sub(v128.load(a.dy + place), shift), lean)
        v128.store(a.dx + place, v128.and(f32x4.mul(g, scale), mask))
        place += pixel
      }
    }
  }
}

@unmanaged
class NormInferenceGradArgs {
  dy: usize
  gamma: usize
  movingVariance: usize
  dx: usize
  stride: usize
  pixels: i32
  channels: i32
  epsilon: f32
}

/** dx = dy · gamma / √(movingVariance + epsilon). Item: (block, channel). */
export function batchNormInferenceGrad(begin: i32, end: i32, step: Step, a: NormInferenceGradArgs): void {
  for (let item = begin; item < end; item++) {
    const c = item % a.channels
    const at = <usize>c << 2
    const invStd: f32 = 1 / Mathf.sqrt(load<f32>(a.movingVariance + at) + a.epsilon)
    const start = <usize>(item / a.channels) * a.stride + <usize>c * CELL
    normalise(a.dy + start, a.dx + start, a.pixels, a.channels, 0, load<f32>(a.gamma + at) * invStd, 0)
  }
}
