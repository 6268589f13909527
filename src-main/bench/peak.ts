import { compileNetwork } from '../engine/plan/compileNetwork'
import { lowerGraph } from '../engine/plan/lowerGraph'
import { loadKernels } from '../engine/wasm/loadKernels'
import { tileSpeed } from '../engine/wasm/wideCheck'
import { adam, type Work } from './works'

/** Multiply-adds per second of one core: the micro-kernel on numbers in the first cache, the best of a second's short rounds. */
export async function corePeak(): Promise<number> {
  const { module, micro } = await loadKernels({ wide: true })
  let best = 0
  // Long enough for the optimising compiler to have come.
  const end = performance.now() + 1000
  while (performance.now() < end) best = Math.max(best, tileSpeed(module, micro) * 1000)
  return best
}

/** Multiply-adds of one image's training step, counted the direct way: convolutions and dense layers, all gradients. */
export function trainingMacs(work: Work): number {
  const plan = compileNetwork(lowerGraph(work.graph), { batchSize: 1, optimizer: adam, seed: 1 })
  let macs = 0
  for (const { kernel, inputs, outputs } of plan.train) {
    if (!/^(conv2d|dense)/.test(kernel)) continue
    const gradient = kernel.endsWith('WeightGrad')
    const weights = plan.tensors[gradient ? outputs[0]! : inputs[1]!]!
    // y, or dy for the gradients.
    const map = plan.tensors[gradient ? inputs[1]! : kernel.endsWith('InputGrad') ? inputs[0]! : outputs[0]!]!
    macs += weights.size * (map.size / map.shape.at(-1)!)
  }
  return macs
}
