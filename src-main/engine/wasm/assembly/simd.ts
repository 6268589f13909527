/**
 * a · b + c: one rounding in the build with relaxed SIMD (on every processor with FMA), two in the plain one. Kernels that
 * handle neighbouring vectors side by side (16 and 32 bytes at once) let V8 pair them into 256-bit operations.
 */
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c)
}
