/**
 * The error function, for the exact GELU (`x/2 · (1 + erf(x/√2))`, Hendrycks & Gimpel 2016).
 *
 * Executors compute in float32 and use {@link erfRational}'s formula with these very coefficients; the reference uses
 * {@link erfExact}. The derivative needs no erf of its own: d/dx gelu = Φ(x) + x·φ(x), φ(x) = exp(−x²/2) / √(2π).
 */

/** Beyond this the float32 erf is ±1. */
export const erfClamp = 3.832506856900711

/**
 * erf(x) ≈ x · P(x²) / Q(x²) for |x| ≤ {@link erfClamp} (x is clamped first), highest power first (Horner).
 * The minimax rational of Eigen and XLA; in float32 its absolute error stays below 5e-7.
 */
export const erfNumerator = [
  -2.72614225801306e-10, 2.77068142495902e-8, -2.10102402082508e-6, -5.69250639462346e-5,
  -7.34990630326855e-4, -2.95459980854025e-3, -1.60960333262415e-2,
] as const

export const erfDenominator = [
  -1.45660718464996e-5, -2.13374055278905e-4, -1.68282697438203e-3, -7.37332916720468e-3,
  -1.42647390514189e-2,
] as const

/** What executors compute, every operation rounded to float32. */
export function erfRational(value: number): number {
  const f = Math.fround
  const x = f(Math.min(Math.max(value, -erfClamp), erfClamp))
  const square = f(x * x)
  const horner = (coefficients: readonly number[]): number =>
    coefficients.reduce((sum, coefficient) => f(f(sum * square) + f(coefficient)), 0)
  return f(f(x * horner(erfNumerator)) / horner(erfDenominator))
}

/**
 * erf in double precision: 2/√π · exp(−x²) · Σ 2ⁿ x²ⁿ⁺¹ / (1·3·5·…·(2n+1)) (Abramowitz & Stegun 7.1.6). All terms have
 * the same sign, so nothing cancels; beyond 6 the result is ±1 to the last bit.
 */
export function erfExact(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x)
  let term = x
  let sum = x
  for (let n = 1; Math.abs(term) > Math.abs(sum) * 1e-17; n++) {
    term *= (2 * x * x) / (2 * n + 1)
    sum += term
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum
}
