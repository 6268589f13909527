import type { ActivationKind } from '#shared/ops'
import type { ReferenceKernel } from '../referenceKernel'
import { erfExact } from './erf'

interface ActivationRule {
  f(x: number, alpha: number): number
  /** The derivative, from y = f(x) (gelu: from x). */
  derivative(y: number, alpha: number): number
}

/** The functions and their derivatives, side by side. `alpha` as in ActivationAttrs. */
export const activationRules: { readonly [K in ActivationKind]: ActivationRule } = {
  relu: { f: (x) => Math.max(x, 0), derivative: (y) => (y > 0 ? 1 : 0) },
  leakyRelu: { f: (x, slope) => (x > 0 ? x : slope * x), derivative: (y, slope) => (y > 0 ? 1 : slope) },
  elu: { f: (x, a) => (x > 0 ? x : a * Math.expm1(x)), derivative: (y, a) => (y > 0 ? 1 : y + a) },
  gelu: {
    f: (x) => (x / 2) * (1 + erfExact(x / Math.SQRT2)),
    derivative: (x) =>
      (1 + erfExact(x / Math.SQRT2)) / 2 + (x * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI),
  },
  sigmoid: { f: (x) => 1 / (1 + Math.exp(-x)), derivative: (y) => y * (1 - y) },
  tanh: { f: (x) => Math.tanh(x), derivative: (y) => 1 - y * y },
  softplus: {
    // log(1 + exp(βx)) / β, without overflow for large x.
    f: (x, beta) => Math.max(x, 0) + Math.log1p(Math.exp(-beta * Math.abs(x))) / beta,
    derivative: (y, beta) => -Math.expm1(-beta * y),
  },
}

/** y = f(x), number by number */
export const activation: ReferenceKernel<'activation'> = ([x], [y], { kind, alpha }) => {
  for (let i = 0; i < y!.data.length; i++) y!.data[i] = activationRules[kind].f(x!.data[i]!, alpha)
}

/** dx = dy · f′, with f′ worked out from y (from x for gelu) */
export const activationGrad: ReferenceKernel<'activationGrad'> = ([source, dy], [dx], { kind, alpha }) => {
  for (let i = 0; i < dx!.data.length; i++) {
    dx!.data[i] = dy!.data[i]! * activationRules[kind].derivative(source!.data[i]!, alpha)
  }
}
