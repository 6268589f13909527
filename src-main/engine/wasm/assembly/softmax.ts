/** Softmax over the last axis, and the loss that ends a network. */
import { CELL, LANES, laneMask, realLanes, Step } from './layout'
import { exp, log } from './math'

@unmanaged
class SoftmaxArgs {
  x: usize
  y: usize
  stride: usize
  /** Vectors per image and their length. */
  vectors: i32
  length: i32
}

/** Four lanes of one vector. */
@inline
function softmaxLanes(x: usize, y: usize, length: i32): void {
  const end = <usize>length * CELL
  let largest = v128.load(x)
  for (let at: usize = CELL; at < end; at += CELL) largest = f32x4.max(largest, v128.load(x + at))
  let sum = f32x4.splat(0)
  for (let at: usize = 0; at < end; at += CELL) {
    const e = exp(f32x4.sub(v128.load(x + at), largest))
    sum = f32x4.add(sum, e)
    v128.store(y + at, e)
  }
  for (let at: usize = 0; at < end; at += CELL) v128.store(y + at, f32x4.div(v128.load(y + at), sum))
}

/** Item: (block, vector). */
export function softmax(begin: i32, end: i32, step: Step, a: SoftmaxArgs): void {
  for (let item = begin; item < end; item++) {
    const at =
      <usize>(item / a.vectors) * a.stride + <usize>(item % a.vectors) * <usize>a.length * CELL
    for (let lane: usize = 0; lane < CELL; lane += 16) softmaxLanes(a.x + at + lane, a.y + at + lane, a.length)
  }
}

@unmanaged
class SoftmaxGradArgs {
  y: usize
  dy: usize
  dx: usize
  stride: usize
  vectors: i32
  length: i32
}

/** dx = y · (dy − Σ y · dy). Item: (block, vector). */
export function softmaxGrad(begin: i32, end: i32, step: Step, a: SoftmaxGradArgs): void {
  const bytes = <usize>a.length * CELL
  for (let item = begin; item < end; item++) {
    const start = <usize>(item / a.vectors) * a.stride + <usize>(item % a.vectors) * bytes
    for (let lane: usize = 0; lane < CELL; lane += 16) {
      const y = a.y + start + lane
      const dy = a.dy + start + lane
      const dx = a.dx + start + lane
      let sum = f32x4.splat(0)
      for (let at: usize = 0; at < bytes; at += CELL) {
        sum = f32x4.add(sum, f32x4.mul(v128.load(y + at), v128.load(dy + at)))
      }
      for (let at: usize = 0; at < bytes; at += CELL) {
        v128.store(dx + at, f32x4.mul(v128.load(y + at), f32x4.sub(v128.load(dy + at), sum)))
      }
    }
  }
}

@unmanaged
class LossArgs {
  logits: usize
  probabilities: usize
  stride: usize
  classes: i32
  /** Class index of every image of the batch (i32), −1 where unknown: loss and gradient are 0 there. */
  labels: usize
  /** Loss of every image (f32) and whether it was classified rightly (i32), written here. */
  losses: usize
  correct: usize
}

/** −log of the label's probability per image, as log Σ e^(z − max) − (z_label − max). Item: block. */
export function softmaxCrossEntropy(begin: i32, end: i32, step: Step, a: LossArgs): void {
  for (let block = begin; block < end; block++) {
    const x = a.logits + <usize>block * a.stride
    const y = a.probabilities + <usize>block * a.stride
    for (let lane: usize = 0; lane < CELL; lane += 16) softmaxLanes(x + lane, y + lane, a.classes)
    const images = realLanes(step, block)
    for (let lane = 0; lane < images; lane++) {
      const at = <usize>(block * LANES + lane) << 2
      const label = load<i32>(a.labels + at)
      const logits = x + (<usize>lane << 2)
      let best = 0
      let largest = load<f32>(logits)
      for (let c = 1; c < a.classes; c++) {
        const z = load<f32>(logits + <usize>c * CELL)
        if (z > largest) {
          largest = z
          best = c
        }
      }
      let sum: f32 = 0
      for (let c = 0; c < a.classes; c++) {
        sum += f32x4.extract_lane(exp(f32x4.splat(load<f32>(logits + <usize>c * CELL) - largest)), 0)
      }
      const known = label >= 0
      const z = known ? load<f32>(logits + <usize>label * CELL) : largest
      store<f32>(a.losses + at, known ? f32x4.extract_lane(log(f32x4.splat(sum)), 0) - (z - largest) : 0)
      store<i32>(a.correct + at, known && best == label ? 1 : 0)
    }
  }
}

@unmanaged
class LossGradArgs {
  probabilities: usize
  dLogits: usize
  stride: usize
  classes: i32
  labels: usize
}

/** dLogits = (probability − [class is the label]) / images; 0 for lanes without an image. Item: block. */
export function softmaxCrossEntropyGrad(begin: i32, end: i32, step: Step, a: LossGradArgs): void {
  const share = f32x4.splat(1 / <f32>step.images)
  for (let block = begin; block < end; block++) {
    const images = realLanes(step, block)
    for (let lane = 0; lane < LANES; lane += 4) {
      const at = <usize>block * a.stride + (<usize>lane << 2)
      const y = a.probabilities + at
      const dx = a.dLogits + at
      const labels = v128.load(a.labels + (<usize>(block * LANES + lane) << 2))
      const known = i32x4.ge_s(labels, i32x4.splat(0))
      const mask = v128.and(laneMask(lane, images), known)
      for (let c = 0; c < a.classes; c++) {
        const hit = v128.and(f32x4.splat(1), i32x4.eq(labels, i32x4.splat(c)))
        const g = f32x4.mul(f32x4.sub(v128.load(y + <usize>c * CELL), hit), share)
        v128.store(dx + <usize>c * CELL, v128.and(g, mask))
      }
    }
  }
}
