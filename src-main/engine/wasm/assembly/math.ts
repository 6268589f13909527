/**
 * Vector functions in float32. exp, log and tanh follow Cephes (Moshier, netlib.org/cephes: expf, logf, tanhf; errors
 * within about 2 ulp); erf is the rational of `engine/ops/activation/erf.ts`.
 */

import { madd } from './simd'

@inline
function constant(x: f32): v128 {
  return f32x4.splat(x)
}

/**
 * Numbers that V8 would build anew, in seven instructions each, wherever a loop has them as constants of the code. The segment
 * lies below all that the executor allocates; every thread's instance writes the same bytes there.
 */
const numbers = memory.data<f32>([
  12582912, -86.6, 88.7228, 1.44269504088896341, 0.693359375, -2.1219444e-4, 1.98756915e-4, 1.3981999507e-3,
  8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1, 1, 2, 0.5,
])

@inline
function number(index: usize): v128 {
  return v128.load_splat<f32>(numbers + index * 4)
}

@inline
export function one(): v128 {
  return number(12)
}

/**
 * e^x for −86.6 ≤ x ≤ 88.72; beyond, the value at the nearer end (2.5e-38 and 3.4e38). NaN stays NaN.
 * pmin and pmax are one instruction each, min, max, nearest and truncation are several: hence the rounding by adding 1.5 · 2²³,
 * which leaves the integer in the low bits.
 */
@inline
export function exp(value: v128): v128 {
  const magic = number(0)
  const x = f32x4.pmin(f32x4.pmax(value, number(1)), number(2))
  const shifted = madd(x, number(3), magic)
  const n = f32x4.sub(shifted, magic)
  let r = f32x4.sub(x, f32x4.mul(n, number(4)))
  r = f32x4.sub(r, f32x4.mul(n, number(5)))
  let p = madd(number(6), r, number(7))
  p = madd(p, r, number(8))
  p = madd(p, r, number(9))
  p = madd(p, r, number(10))
  p = madd(p, r, number(11))
  p = f32x4.add(madd(p, f32x4.mul(r, r), r), one())
  // 2 · 2^(n − 1): n reaches 128, whose exponent alone would overflow. The bits of ½ are 126 << 23.
  const scale = i32x4.add(i32x4.shl(shifted, 23), number(14))
  return f32x4.mul(f32x4.mul(p, scale), number(13))
}

/** ln x for normal positive x. */
@inline
export function log(x: v128): v128 {
  // x = m · 2^e with m in [√½, √2)
  const shifted = i32x4.sub(x, i32x4.splat(0x3f3504f3))
  const e = f32x4.convert_i32x4_s(i32x4.shr_s(shifted, 23))
  const bits = i32x4.add(v128.and(shifted, i32x4.splat(0x007fffff)), i32x4.splat(0x3f3504f3))
  const f = f32x4.sub(bits, constant(1))
  const z = f32x4.mul(f, f)
  let p = madd(constant(7.0376836292e-2), f, constant(-1.1514610310e-1))
  p = madd(p, f, constant(1.1676998740e-1))
  p = madd(p, f, constant(-1.2420140846e-1))
  p = madd(p, f, constant(1.4249322787e-1))
  p = madd(p, f, constant(-1.6668057665e-1))
  p = madd(p, f, constant(2.0000714765e-1))
  p = madd(p, f, constant(-2.4999993993e-1))
  p = madd(p, f, constant(3.3333331174e-1))
  p = f32x4.mul(f32x4.mul(p, f), z)
  p = madd(e, constant(-2.12194440e-4), p)
  p = madd(z, constant(-0.5), p)
  return madd(e, constant(0.693359375), f32x4.add(f, p))
}

/** ln(1 + u) for u ≥ 0, accurate for small u too (Kahan's correction). */
@inline
export function log1p(u: v128): v128 {
  const one = constant(1)
  const w = f32x4.add(u, one)
  const corrected = f32x4.div(f32x4.mul(log(w), u), f32x4.sub(w, one))
  return v128.bitselect(u, corrected, f32x4.eq(w, one))
}

@inline
export function sigmoid(x: v128): v128 {
  return f32x4.div(one(), f32x4.add(one(), exp(f32x4.neg(x))))
}

@inline
export function tanh(x: v128): v128 {
  const one = constant(1)
  const size = f32x4.abs(x)
  const large = f32x4.sub(one, f32x4.div(constant(2), f32x4.add(exp(f32x4.add(size, size)), one)))
  const signed = v128.or(large, v128.and(x, i32x4.splat(0x80000000)))
  const z = f32x4.mul(x, x)
  let p = madd(constant(-5.70498872745e-3), z, constant(2.06390887954e-2))
  p = madd(p, z, constant(-5.37397155531e-2))
  p = madd(p, z, constant(1.33314422036e-1))
  p = madd(p, z, constant(-3.33332819422e-1))
  const small = madd(f32x4.mul(p, z), x, x)
  return v128.bitselect(small, signed, f32x4.lt(size, constant(0.625)))
}

@inline
export function erf(value: v128): v128 {
  const limit = constant(3.832506856900711)
  const x = f32x4.min(f32x4.max(value, f32x4.neg(limit)), limit)
  const z = f32x4.mul(x, x)
  let p = madd(constant(-2.72614225801306e-10), z, constant(2.77068142495902e-8))
  p = madd(p, z, constant(-2.10102402082508e-6))
  p = madd(p, z, constant(-5.69250639462346e-5))
  p = madd(p, z, constant(-7.34990630326855e-4))
  p = madd(p, z, constant(-2.95459980854025e-3))
  p = madd(p, z, constant(-1.60960333262415e-2))
  let q = madd(constant(-1.45660718464996e-5), z, constant(-2.13374055278905e-4))
  q = madd(q, z, constant(-1.68282697438203e-3))
  q = madd(q, z, constant(-7.37332916720468e-3))
  q = madd(q, z, constant(-1.42647390514189e-2))
  return f32x4.div(f32x4.mul(x, p), q)
}
