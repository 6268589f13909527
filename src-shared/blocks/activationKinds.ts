/** The non-linear functions, as choices of a setting and as operations. */
import type { ActivationKind, LoweredOp, LoweredSource, Shape } from '../ops'

export const activationOptions = [
  { value: 'relu', label: 'ReLU' },
  { value: 'leakyRelu', label: 'Leaky ReLU' },
  { value: 'elu', label: 'ELU' },
  { value: 'gelu', label: 'GELU' },
  { value: 'sigmoid', label: 'Sigmoid' },
  { value: 'tanh', label: 'Tanh' },
  { value: 'softplus', label: 'Softplus' },
  { value: 'softmax', label: 'Softmax' },
] as const

export type ActivationChoice = (typeof activationOptions)[number]['value']

/** The `activation` setting of blocks with weights. */
export const activationParam = {
  kind: 'choice',
  label: 'Activation',
  help: 'A non-linear function applied to every number of the result. Without one, layer after layer would collapse into a single linear layer.',
  default: 'none',
  options: [{ value: 'none', label: 'None' }, ...activationOptions],
} as const

/** The number in the formula of the functions that have one: slope, alpha, beta. */
export const activationDefaults: Readonly<Record<ActivationKind, number>> = {
  relu: 0,
  leakyRelu: 0.01,
  elu: 1,
  gelu: 0,
  sigmoid: 0,
  tanh: 0,
  softplus: 1,
}

export function activationLabel(kind: ActivationChoice): string {
  return activationOptions.find((option) => option.value === kind)?.label ?? kind
}

/** The operation of an activation function; softmax is one of its own. */
export function lowerActivation(
  kind: ActivationChoice,
  from: LoweredSource,
  output: Shape,
  alpha?: number,
): LoweredOp {
  if (kind === 'softmax') return { op: 'softmax', attrs: {}, from: [from], weights: {}, output }
  const attrs = { kind, alpha: alpha ?? activationDefaults[kind] }
  return { op: 'activation', attrs, from: [from], weights: {}, output }
}

/** `op`, followed by its activation where one is chosen. */
export function withActivation(op: LoweredOp, activation: ActivationChoice | 'none'): LoweredOp[] {
  return activation === 'none' ? [op] : [op, lowerActivation(activation, { op: 0 }, op.output)]
}
