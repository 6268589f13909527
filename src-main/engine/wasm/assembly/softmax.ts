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
  /** Label smoothing, 0 … below 1. */
  smoothing: f32
  /** Weight of every class (f32), or 0 where all count alike; then `sums` is 0 too. */
  weights: usize
  /** What `weightSums` left. */
  sums: usize
}

@unmanaged
class WeightSumsArgs {
  labels: usize
  weights: usize
  classes: i32
  /** Two f32, written here: the weights of the batch's labels together, and those of all classes. */
  sums: usize
}

/** An image of unknown class counts as 1. Item: the whole batch. */
export function weightSums(begin: i32, end: i32, step: Step, a: WeightSumsArgs): void {
  let ofLabels: f64 = 0
  for (let image = 0; image < step.images; image++) {
    const label = load<i32>(a.labels + (<usize>image << 2))
    ofLabels += label < 0 ? 1 : load<f32>(a.weights + (<usize>label << 2))
  }
  let ofClasses: f64 = 0
  for (let c = 0; c < a.classes; c++) ofClasses += load<f32>(a.weights + (<usize>c << 2))
  store<f32>(a.sums, <f32>ofLabels)
  store<f32>(a.sums, <f32>ofClasses, 4)
}

/**
 * −log of the label's probability per image, as log Σ e^(z − max) − (z_label − max); with smoothing a share of all classes' such
 * terms. Weighted losses are scaled so that their mean over the images is the weighted mean. Item: block.
 */
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
      let loss: f32 = 0
      if (label >= 0) {
        const logSum = f32x4.extract_lane(log(f32x4.splat(sum)), 0)
        loss = logSum - (load<f32>(logits + <usize>label * CELL) - largest)
        if (a.weights) loss *= load<f32>(a.weights + (<usize>label << 2))
        if (a.smoothing > 0) {
          let all: f32 = 0
          for (let c = 0; c < a.classes; c++) {
            const term = logSum - (load<f32>(logits + <usize>c * CELL) - largest)
            all += a.weights ? term * load<f32>(a.weights + (<usize>c << 2)) : term
          }
          loss = (1 - a.smoothing) * loss + (a.smoothing / <f32>a.classes) * all
        }
        if (a.weights) loss *= <f32>step.images / load<f32>(a.sums)
      }
      store<f32>(a.losses + at, loss)
      store<i32>(a.correct + at, label >= 0 && best == label ? 1 : 0)
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
  smoothing: f32
  weights: usize
  sums: usize
}

@inline
function weightOf(label: i32, weights: usize): f32 {
  return label < 0 ? 0 : load<f32>(weights + (<usize>label << 2))
}

/**
 * dLogits = (all · probability − own · [class is the label] − rest · weight of the class) / divisor, where own = (1 − smoothing) ·
 * weight of the label, rest = smoothing / classes and all = own + rest · weights of all classes. Without smoothing and weights that
 * is (probability − [class is the label]) / images. 0 for lanes without an image. Item: block.
 */
export function softmaxCrossEntropyGrad(begin: i32, end: i32, step: Step, a: LossGradArgs): void {
  const weights = a.weights
  const share = f32x4.splat(1 / (weights ? load<f32>(a.sums) : <f32>step.images))
  const keep = f32x4.splat(1 - a.smoothing)
  const rest = a.smoothing / <f32>a.classes
  const restOfAll = f32x4.splat(weights ? rest * load<f32>(a.sums, 4) : a.smoothing)
  for (let block = begin; block < end; block++) {
    const images = realLanes(step, block)
    for (let lane = 0; lane < LANES; lane += 4) {
      const at = <usize>block * a.stride + (<usize>lane << 2)
      const y = a.probabilities + at
      const dx = a.dLogits + at
      const labels = v128.load(a.labels + (<usize>(block * LANES + lane) << 2))
      const known = i32x4.ge_s(labels, i32x4.splat(0))
      const mask = v128.and(laneMask(lane, images), known)
      let own = keep
      if (weights) {
        const w0 = weightOf(i32x4.extract_lane(labels, 0), weights)
        const w1 = weightOf(i32x4.extract_lane(labels, 1), weights)
        const w2 = weightOf(i32x4.extract_lane(labels, 2), weights)
        const w3 = weightOf(i32x4.extract_lane(labels, 3), weights)
        own = f32x4.mul(own, f32x4(w0, w1, w2, w3))
      }
      const all = f32x4.add(own, restOfAll)
      for (let c = 0; c < a.classes; c++) {
        const hit = v128.and(own, i32x4.eq(labels, i32x4.splat(c)))
        const wanted = f32x4.add(hit, f32x4.splat(weights ? rest * weightOf(c, weights) : rest))
        const g = f32x4.mul(f32x4.sub(f32x4.mul(v128.load(y + <usize>c * CELL), all), wanted), share)
        v128.store(dx + <usize>c * CELL, v128.and(g, mask))
      }
    }
  }
}
