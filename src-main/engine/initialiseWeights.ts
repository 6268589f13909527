import type { WeightSpec } from '#shared/blocks/defineBlock'
import type { NamedTensor } from '#shared/engine/tensors'
import { shapeSize } from '#shared/layout/shapeText'
import { hashText } from './hashText'
import type { Network } from './plan/network'
import { createRandomStream } from './randomStream'

/**
 * Glorot uniform (Glorot & Bengio 2010): evenly spread over ±sqrt(6 / (fanIn + fanOut)), from 24 random bits, never at the
 * ends.
 */
function fillGlorotUniform(data: Float32Array, spec: WeightSpec, next: () => number): void {
  const limit = Math.sqrt(6 / (spec.fanIn! + spec.fanOut!))
  for (let i = 0; i < data.length; i++) data[i] = limit * (((next() >>> 8) + 0.5) / 2 ** 23 - 1)
}

/**
 * Fresh weights of a network. A weight's numbers depend on the seed and its own name only: the same everywhere, whatever
 * else the network holds.
 */
export function initialiseWeights(network: Network, seed: number): NamedTensor[] {
  return network.nodes.flatMap(({ weights }) =>
    weights.map(({ name, spec }) => {
      const data = new Float32Array(shapeSize(spec.shape))
      if (spec.initialiser === 'ones') data.fill(1)
      if (spec.initialiser === 'glorotUniform')
        fillGlorotUniform(data, spec, createRandomStream(seed, hashText(name)))
      return { name, shape: spec.shape, data }
    }),
  )
}
