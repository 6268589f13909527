/**
 * The optimisers, with PyTorch's formulas in PyTorch's order (torch.optim.SGD, Adam, AdamW, RMSprop; dampening 0, no amsgrad,
 * not centred). One element of the flat arena at a time. `t` counts steps from 1. Weight decay applies to every trainable
 * number, biases included, as in PyTorch.
 */
import type { OptimizerSettings } from '#shared/training/settings'

export interface OptimizerArenas {
  parameters: Float64Array
  gradients: Float64Array
  moment1: Float64Array
  moment2: Float64Array
}

/** min(1, clipNorm / (norm + 1e-6)), as torch.nn.utils.clip_grad_norm_ has it; NaN where the norm is. */
function clipScale(gradients: Float64Array, clipNorm: number): number {
  const norm = Math.sqrt(gradients.reduce((sum, g) => sum + g * g, 0))
  return Math.min(1, clipNorm / (norm + 1e-6))
}

/** `clipNorm`: largest L2 norm of all gradients together; `gradients` itself is left as it is. */
export function optimizerStep(
  settings: OptimizerSettings,
  { parameters: p, gradients, moment1: m, moment2: v }: OptimizerArenas,
  learningRate: number,
  t: number,
  clipNorm: number | null = null,
): void {
  const scale = clipNorm === null ? 1 : clipScale(gradients, clipNorm)
  for (let i = 0; i < p.length; i++) {
    if (settings.type === 'adamw') p[i]! *= 1 - learningRate * settings.weightDecay
    const decay = settings.type === 'adamw' ? 0 : settings.weightDecay
    const g = scale * gradients[i]! + decay * p[i]!

    switch (settings.type) {
      case 'sgd': {
        if (settings.momentum === 0) {
          p[i]! -= learningRate * g
          break
        }
        m[i] = settings.momentum * m[i]! + g
        p[i]! -= learningRate * (settings.nesterov ? g + settings.momentum * m[i]! : m[i]!)
        break
      }
      case 'adam':
      case 'adamw': {
        const { beta1, beta2, epsilon } = settings
        m[i] = beta1 * m[i]! + (1 - beta1) * g
        v[i] = beta2 * v[i]! + (1 - beta2) * g * g
        const denominator = Math.sqrt(v[i]!) / Math.sqrt(1 - beta2 ** t) + epsilon
        p[i]! -= ((learningRate / (1 - beta1 ** t)) * m[i]!) / denominator
        break
      }
      case 'rmsprop': {
        v[i] = settings.alpha * v[i]! + (1 - settings.alpha) * g * g
        const step = g / (Math.sqrt(v[i]!) + settings.epsilon)
        m[i] = settings.momentum * m[i]! + step
        p[i]! -= learningRate * (settings.momentum > 0 ? m[i]! : step)
        break
      }
    }
  }
}
