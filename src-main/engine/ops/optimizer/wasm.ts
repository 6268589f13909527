import type { OptimizerSettings } from '#shared/training/settings'
import type { KernelArgument, KernelCall } from '../../wasm/program'

/** Parameters per item. */
const itemSize = 256

export interface OptimizerAddresses {
  parameters: number
  gradients: number
  /** 0 where the optimiser keeps none. */
  moment1: number
  moment2: number
  chunkStride: number
  chunkBlocks: number
}

/** Clipping, and memory for it. */
export interface Clipping {
  clipNorm: number
  allocate(bytes: number): number
}

function decays(settings: OptimizerSettings): { decay1: number; decay2: number; epsilon: number } {
  switch (settings.type) {
    case 'sgd':
      return { decay1: settings.momentum, decay2: 0, epsilon: 0 }
    case 'adam':
    case 'adamw':
      return { decay1: settings.beta1, decay2: settings.beta2, epsilon: settings.epsilon }
    case 'rmsprop':
      return { decay1: settings.momentum, decay2: settings.alpha, epsilon: settings.epsilon }
  }
}

/**
 * Adds up the partial gradients and updates the parameters: calls in groups, between which all threads meet. `size`: floats of
 * the arena.
 */
export function optimizerCalls(
  settings: OptimizerSettings,
  addresses: OptimizerAddresses,
  size: number,
  clipping: Clipping | null,
): KernelCall[][] {
  const items = Math.ceil(size / itemSize)
  if (items === 0) return []
  const clipScale = clipping === null ? 0 : clipping.allocate(4)
  const { decay1, decay2, epsilon } = decays(settings)
  const args: KernelArgument[] = [
    addresses.parameters,
    addresses.gradients,
    addresses.moment1,
    addresses.moment2,
    size,
    { f32: decay1 },
    { f32: decay2 },
    { f32: 1 - decay1 },
    { f32: 1 - decay2 },
    { f32: epsilon },
    { f32: settings.weightDecay },
    settings.type === 'sgd' && settings.nesterov ? 1 : 0,
    addresses.chunkStride,
    addresses.chunkBlocks,
    clipScale,
  ]
  const sum: KernelCall = { kernel: 'sumGradients', split: 'whole', items, args }
  const update: KernelCall = { kernel: settings.type, split: 'whole', items, args }
  if (clipping === null) return [[sum, update]]
  const squares = clipping.allocate(items * 8)
  const clipArgs = [addresses.gradients, size, squares, items, { f32: clipping.clipNorm }, clipScale]
  return [
    [sum, { kernel: 'sumSquares', split: 'whole', items, args: clipArgs }],
    [{ kernel: 'clipScale', split: 'whole', items: 1, args: clipArgs }],
    [update],
  ]
}
