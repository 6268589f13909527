/**
 * Normalisation as the plan has it, in float32: `x = (value / divisor − mean) · invStd`. Dividing by 255 is not the same as
 * multiplying by the nearest float32 to 1 / 255, and bytes are what most images are made of.
 */
import { byteScale, type NamedTensor, type Normalisation } from '#shared/engine/tensors'

export const normalisationNames = {
  mean: 'normalisation/mean',
  invStd: 'normalisation/invStd',
  divisor: 'normalisation/divisor',
} as const

/** The tensors that `gather` reads. */
export function normalisationTensors({ mean, std, scale = byteScale }: Normalisation): NamedTensor[] {
  const vector = (name: string, numbers: readonly number[]): NamedTensor => ({
    name,
    shape: [numbers.length],
    data: Float32Array.from(numbers),
  })
  return [
    vector(normalisationNames.mean, mean),
    vector(
      normalisationNames.invStd,
      std.map((value) => 1 / value),
    ),
    vector(normalisationNames.divisor, [1 / scale]),
  ]
}
