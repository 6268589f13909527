/**
 * One pass over all trainable parameters, in PyTorch's order of operations (torch.optim.SGD, Adam, AdamW, RMSprop, the
 * single-tensor versions). Item: 256 parameters.
 */
import { Step } from './layout'

@unmanaged
class OptimizerArgs {
  parameters: usize
  gradients: usize
  moment1: usize
  moment2: usize
  /** Floats, a multiple of 4. */
  size: i32
  /** sgd, rmsprop: momentum; adam: beta1. */
  decay1: f32
  /** rmsprop: alpha; adam: beta2. */
  decay2: f32
  /** 1 − decay1 and 1 − decay2, rounded once. */
  rest1: f32
  rest2: f32
  epsilon: f32
  weightDecay: f32
  nesterov: i32
  /** Gradients of the chunks lie behind each other, this far apart, and are added up first. */
  chunkStride: usize
  chunkBlocks: i32
  /** Where `clipScale` left the factor of all gradients (f32); 0 where they are not clipped. */
  clipScale: usize
}

@unmanaged
class ClipArgs {
  gradients: usize
  size: i32
  /** Sum of squares of every item (f64). */
  squares: usize
  items: i32
  clipNorm: f32
  /** The factor of all gradients (f32), written here. */
  clipScale: usize
}

const ITEM: i32 = 256

@inline
function lastByte(item: i32, size: i32): usize {
  return <usize>min((item + 1) * ITEM, size) << 2
}

/** Adds the gradients of all chunks into the first, in order. Same items as the optimisers. */
export function sumGradients(begin: i32, end: i32, step: Step, a: OptimizerArgs): void {
  const gradients = a.gradients
  const chunks = (step.blocks + a.chunkBlocks - 1) / a.chunkBlocks
  const first = <usize>begin * <usize>ITEM * 4
  const last = lastByte(end - 1, a.size)
  for (let chunk = 1; chunk < chunks; chunk++) {
    const from = gradients + <usize>chunk * a.chunkStride
    for (let at = first; at < last; at += 16) {
      v128.store(gradients + at, f32x4.add(v128.load(gradients + at), v128.load(from + at)))
    }
  }
}

/** Squares of the first two floats as doubles, which do not overflow. */
@inline
function squares(two: v128): v128 {
  const doubles = f64x2.promote_low_f32x4(two)
  return f64x2.mul(doubles, doubles)
}

/** The squares of each item's gradients, added up. Same items as the optimisers. */
export function sumSquares(begin: i32, end: i32, step: Step, a: ClipArgs): void {
  for (let item = begin; item < end; item++) {
    let low = f64x2.splat(0)
    let high = f64x2.splat(0)
    const last = a.gradients + lastByte(item, a.size)
    for (let at = a.gradients + <usize>item * <usize>ITEM * 4; at < last; at += 16) {
      const g = v128.load(at)
      low = f64x2.add(low, squares(g))
      high = f64x2.add(high, squares(i32x4.shuffle(g, g, 2, 3, 2, 3)))
    }
    const sum = f64x2.add(low, high)
    store<f64>(a.squares + (<usize>item << 3), f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1))
  }
}

/** min(1, clipNorm / (norm + 1e-6)), NaN where the norm is; items in order. Item: all parameters. */
export function clipScale(begin: i32, end: i32, step: Step, a: ClipArgs): void {
  let sum: f64 = 0
  for (let item = 0; item < a.items; item++) sum += load<f64>(a.squares + (<usize>item << 3))
  store<f32>(a.clipScale, <f32>min<f64>(1, <f64>a.clipNorm / (sqrt<f64>(sum) + 1e-6)))
}

/** The factor of all gradients. */
@inline
function gradientScale(a: OptimizerArgs): v128 {
  return f32x4.splat(a.clipScale ? load<f32>(a.clipScale) : 1)
}

/** The gradient with L2 regularisation. */
@inline
function decayed(gradient: v128, parameter: v128, weightDecay: v128): v128 {
  return f32x4.add(gradient, f32x4.mul(parameter, weightDecay))
}

/** b = momentum · b + g (b = g in the very first step, as b starts at 0); p −= rate · (nesterov ? g + momentum · b : b). */
export function sgd(begin: i32, end: i32, step: Step, a: OptimizerArgs): void {
  const rate = f32x4.splat(step.learningRate)
  const momentum = f32x4.splat(a.decay1)
  const weightDecay = f32x4.splat(a.weightDecay)
  const last = lastByte(end - 1, a.size)
  const parameters = a.parameters
  const gradients = a.gradients
  const moment1 = a.moment1
  const nesterov = a.nesterov
  const regularised = a.weightDecay != 0
  const clipped = a.clipScale != 0
  const scale = gradientScale(a)
  for (let at = <usize>begin * <usize>ITEM * 4; at < last; at += 16) {
    const p = v128.load(parameters + at)
    let g = v128.load(gradients + at)
    if (clipped) g = f32x4.mul(g, scale)
    if (regularised) g = decayed(g, p, weightDecay)
    if (moment1) {
      const b = f32x4.add(f32x4.mul(v128.load(moment1 + at), momentum), g)
      v128.store(moment1 + at, b)
      g = nesterov ? f32x4.add(g, f32x4.mul(b, momentum)) : b
    }
    v128.store(parameters + at, f32x4.sub(p, f32x4.mul(g, rate)))
  }
}

/** Adam (Kingma & Ba 2015), and AdamW (Loshchilov & Hutter 2019) where decay acts on the parameter itself. */
@inline
function adamSteps(decoupled: bool, begin: i32, end: i32, step: Step, a: OptimizerArgs): void {
  const beta1 = f32x4.splat(a.decay1)
  const beta2 = f32x4.splat(a.decay2)
  const rest1 = f32x4.splat(a.rest1)
  const rest2 = f32x4.splat(a.rest2)
  const epsilon = f32x4.splat(a.epsilon)
  const size = f32x4.splat(step.stepSize)
  const root = f32x4.splat(step.correction2Root)
  const weightDecay = f32x4.splat(a.weightDecay)
  const shrink = f32x4.splat(step.shrink)
  const regularised = a.weightDecay != 0
  const clipped = a.clipScale != 0
  const scale = gradientScale(a)
  const last = lastByte(end - 1, a.size)
  const parameters = a.parameters
  const gradients = a.gradients
  const moment1 = a.moment1
  const moment2 = a.moment2
  for (let at = <usize>begin * <usize>ITEM * 4; at < last; at += 16) {
    let p = v128.load(parameters + at)
    let g = v128.load(gradients + at)
    if (clipped) g = f32x4.mul(g, scale)
    if (regularised) {
      if (decoupled) p = f32x4.mul(p, shrink)
      else g = decayed(g, p, weightDecay)
    }
    const m = f32x4.add(f32x4.mul(v128.load(moment1 + at), beta1), f32x4.mul(g, rest1))
    const v = f32x4.add(f32x4.mul(v128.load(moment2 + at), beta2), f32x4.mul(f32x4.mul(g, g), rest2))
    v128.store(moment1 + at, m)
    v128.store(moment2 + at, v)
    const denominator = f32x4.add(f32x4.div(f32x4.sqrt(v), root), epsilon)
    v128.store(parameters + at, f32x4.sub(p, f32x4.mul(f32x4.div(m, denominator), size)))
  }
}

export function adam(begin: i32, end: i32, step: Step, a: OptimizerArgs): void {
  adamSteps(false, begin, end, step, a)
}

export function adamw(begin: i32, end: i32, step: Step, a: OptimizerArgs): void {
  adamSteps(true, begin, end, step, a)
}

/** v = alpha · v + (1 − alpha) · g²; p −= rate · g / (√v + epsilon), with momentum through a buffer of that quotient. */
export function rmsprop(begin: i32, end: i32, step: Step, a: OptimizerArgs): void {
  const rate = f32x4.splat(step.learningRate)
  const momentum = f32x4.splat(a.decay1)
  const alpha = f32x4.splat(a.decay2)
  const rest = f32x4.splat(a.rest2)
  const epsilon = f32x4.splat(a.epsilon)
  const weightDecay = f32x4.splat(a.weightDecay)
  const regularised = a.weightDecay != 0
  const clipped = a.clipScale != 0
  const scale = gradientScale(a)
  const last = lastByte(end - 1, a.size)
  const parameters = a.parameters
  const gradients = a.gradients
  const moment1 = a.moment1
  const moment2 = a.moment2
  for (let at = <usize>begin * <usize>ITEM * 4; at < last; at += 16) {
    const p = v128.load(parameters + at)
    let g = v128.load(gradients + at)
    if (clipped) g = f32x4.mul(g, scale)
    if (regularised) g = decayed(g, p, weightDecay)
    const v = f32x4.add(f32x4.mul(v128.load(moment2 + at), alpha), f32x4.mul(f32x4.mul(g, g), rest))
    v128.store(moment2 + at, v)
    let change = f32x4.div(g, f32x4.add(f32x4.sqrt(v), epsilon))
    if (moment1) {
      change = f32x4.add(f32x4.mul(v128.load(moment1 + at), momentum), change)
      v128.store(moment1 + at, change)
    }
    v128.store(parameters + at, f32x4.sub(p, f32x4.mul(change, rate)))
  }
}
