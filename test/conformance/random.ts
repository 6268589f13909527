/** Seeded random numbers for tests (splitmix32). */
import type { ImageSet, NamedTensor } from '#shared/engine/tensors'
import type { Plan } from '#shared/engine/plan'
import type { Shape } from '#shared/ops'
import { shapeSize } from '#shared/layout/shapeText'

export type Random = () => number

/** Numbers in [0, 1). */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    let z = state
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b)
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35)
    return ((z ^ (z >>> 16)) >>> 0) / 2 ** 32
  }
}

export function randomImages(random: Random, count: number, shape: Shape, classes: number): ImageSet {
  const [height, width, channels] = shape as [number, number, number]
  return {
    count,
    height,
    width,
    channels,
    pixels: Uint8Array.from({ length: count * shapeSize(shape) }, () => Math.floor(random() * 256)),
    labels: Int32Array.from({ length: count }, () => Math.floor(random() * classes)),
  }
}

/**
 * Every weight of a plan with random numbers, scaled so that activations stay near 1. Moving variances and class weights are
 * positive, gammas near 1.
 */
export function randomWeights(random: Random, plan: Plan): NamedTensor[] {
  return plan.tensors
    .filter(
      ({ name, arena }) =>
        (arena === 'parameters' || arena === 'state') && !name.startsWith('normalisation/'),
    )
    .map(({ name, shape, size }) => {
      const fanIn = shape.slice(0, -1).reduce((product, n) => product * n, 1)
      const positive = /\/(gamma|movingVariance|classWeights)$/.test(name)
      const scale = positive ? 0.5 : shape.length > 1 ? Math.sqrt(3 / fanIn) : 0.5
      const data = Float32Array.from({ length: size }, () => (random() * 2 - 1) * scale + (positive ? 1 : 0))
      return { name, shape, data }
    })
}
