/** Element-wise functions and their derivatives. Item: (block, part of the elements). */
import { CELL, partStart, Step } from './layout'
import { erf, exp, log1p, one, sigmoid, tanh } from './math'

@unmanaged
class ActivationArgs {
  x: usize
  y: usize
  stride: usize
  /** Values per image. */
  size: i32
  parts: i32
  alpha: f32
}

@unmanaged
class ActivationGradArgs {
  /** y, or x for gelu. */
  y: usize
  dy: usize
  dx: usize
  stride: usize
  size: i32
  parts: i32
  alpha: f32
}

const RELU = 0
const LEAKY_RELU = 1
const ELU = 2
const GELU = 3
const SIGMOID = 4
const TANH = 5
const SOFTPLUS = 6

const ROOT_HALF: f32 = 0.7071067811865476
/** 1 / √(2π) */
const NORMAL: f32 = 0.3989422804014327

@inline
function value(kind: i32, x: v128, alpha: v128): v128 {
  const zero = f32x4.splat(0)
  // pmax(a, b) is b only where a < b, so NaN passes through.
  if (kind == RELU) return f32x4.pmax(x, zero)
  if (kind == LEAKY_RELU) return v128.bitselect(f32x4.mul(x, alpha), x, f32x4.lt(x, zero))
  if (kind == ELU) {
    return v128.bitselect(f32x4.mul(alpha, f32x4.sub(exp(x), one())), x, f32x4.lt(x, zero))
  }
  if (kind == GELU) {
    const phi = f32x4.add(one(), erf(f32x4.mul(x, f32x4.splat(ROOT_HALF))))
    return f32x4.mul(f32x4.mul(x, f32x4.splat(0.5)), phi)
  }
  if (kind == SIGMOID) return sigmoid(x)
  if (kind == TANH) return tanh(x)
  const scaled = f32x4.mul(x, alpha)
  const tail = log1p(exp(f32x4.neg(f32x4.abs(scaled))))
  return f32x4.div(f32x4.add(f32x4.pmax(scaled, zero), tail), alpha)
}

@inline
function slope(kind: i32, y: v128, alpha: v128): v128 {
  const zero = f32x4.splat(0)
  if (kind == RELU) return v128.and(one(), f32x4.gt(y, zero))
  if (kind == LEAKY_RELU) return v128.bitselect(one(), alpha, f32x4.gt(y, zero))
  if (kind == ELU) return v128.bitselect(one(), f32x4.add(y, alpha), f32x4.gt(y, zero))
  if (kind == GELU) {
    const half = f32x4.splat(0.5)
    const phi = f32x4.mul(half, f32x4.add(one(), erf(f32x4.mul(y, f32x4.splat(ROOT_HALF)))))
    const density = exp(f32x4.mul(f32x4.mul(y, y), f32x4.splat(-0.5)))
    return f32x4.add(phi, f32x4.mul(y, f32x4.mul(density, f32x4.splat(NORMAL))))
  }
  if (kind == SIGMOID) return f32x4.mul(y, f32x4.sub(one(), y))
  if (kind == TANH) return f32x4.sub(one(), f32x4.mul(y, y))
  // softplus: sigmoid(βx) = 1 − e^(−βy)
  return f32x4.sub(one(), exp(f32x4.neg(f32x4.mul(alpha, y))))
}

@inline
function forward(kind: i32, begin: i32, end: i32, a: ActivationArgs): void {
  const alpha = f32x4.splat(a.alpha)
  const x = a.x
  const y = a.y
  for (let item = begin; item < end; item++) {
    const block = <usize>(item / a.parts) * a.stride
    const last = block + partStart(a.size, item % a.parts + 1, a.parts) * CELL
    for (let at = block + partStart(a.size, item % a.parts, a.parts) * CELL; at < last; at += 32) {
      const from = x + at
      const to = y + at
      const a = value(kind, v128.load(from), alpha)
      const b = value(kind, v128.load(from, 16), alpha)
      v128.store(to, a)
      v128.store(to, b, 16)
    }
  }
}

@inline
function backward(kind: i32, begin: i32, end: i32, a: ActivationGradArgs): void {
  const alpha = f32x4.splat(a.alpha)
  const y = a.y
  const dy = a.dy
  const dx = a.dx
  for (let item = begin; item < end; item++) {
    const block = <usize>(item / a.parts) * a.stride
    const last = block + partStart(a.size, item % a.parts + 1, a.parts) * CELL
    for (let at = block + partStart(a.size, item % a.parts, a.parts) * CELL; at < last; at += 32) {
      const value = y + at
      const from = dy + at
      const to = dx + at
      const a = f32x4.mul(v128.load(from), slope(kind, v128.load(value), alpha))
      const b = f32x4.mul(v128.load(from, 16), slope(kind, v128.load(value, 16), alpha))
      v128.store(to, a)
      v128.store(to, b, 16)
    }
  }
}

export function relu(begin: i32, end: i32, step: Step, a: ActivationArgs): void {
  forward(RELU, begin, end, a)
}
export function leakyRelu(begin: i32, end: i32, step: Step, a: ActivationArgs): void {
  forward(LEAKY_RELU, begin, end, a)
}
export function elu(begin: i32, end: i32, step: Step, a: ActivationArgs): void {
  forward(ELU, begin, end, a)
}
export function gelu(begin: i32, end: i32, step: Step, a: ActivationArgs): void {
  forward(GELU, begin, end, a)
}
export function sigmoidForward(begin: i32, end: i32, step: Step, a: ActivationArgs): void {
  forward(SIGMOID, begin, end, a)
}
export function tanhForward(begin: i32, end: i32, step: Step, a: ActivationArgs): void {
  forward(TANH, begin, end, a)
}
export function softplus(begin: i32, end: i32, step: Step, a: ActivationArgs): void {
  forward(SOFTPLUS, begin, end, a)
}
export function reluGrad(begin: i32, end: i32, step: Step, a: ActivationGradArgs): void {
  backward(RELU, begin, end, a)
}
export function leakyReluGrad(begin: i32, end: i32, step: Step, a: ActivationGradArgs): void {
  backward(LEAKY_RELU, begin, end, a)
}
export function eluGrad(begin: i32, end: i32, step: Step, a: ActivationGradArgs): void {
  backward(ELU, begin, end, a)
}
export function geluGrad(begin: i32, end: i32, step: Step, a: ActivationGradArgs): void {
  backward(GELU, begin, end, a)
}
export function sigmoidGrad(begin: i32, end: i32, step: Step, a: ActivationGradArgs): void {
  backward(SIGMOID, begin, end, a)
}
export function tanhGrad(begin: i32, end: i32, step: Step, a: ActivationGradArgs): void {
  backward(TANH, begin, end, a)
}
export function softplusGrad(begin: i32, end: i32, step: Step, a: ActivationGradArgs): void {
  backward(SOFTPLUS, begin, end, a)
}
