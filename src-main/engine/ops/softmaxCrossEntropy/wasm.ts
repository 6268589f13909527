import { lanes, type KernelCall, type KernelSplit } from '../../wasm/program'
import type { WasmKernel } from '../../wasm/wasmKernel'

/** A value of 16 images. */
const cellBytes = lanes * 4

export const softmaxCrossEntropy: WasmKernel<'softmaxCrossEntropy'> = ({ inputs, outputs }, context) => {
  const [logits, probabilities] = [inputs[0]!, outputs[0]!]
  const { labels, losses, correct } = context.staging
  const collect: KernelCall = { kernel: 'collect', split: 'block', items: 1, args: [] }
  const call = (x: number, y: number, split: KernelSplit): KernelCall => {
    const args = [x, y, context.stride, logits.size, labels, losses, correct]
    return { kernel: 'softmaxCrossEntropy', split, items: 1, args }
  }
  const [x, y] = [context.address(logits), context.address(probabilities)]
  if (context.blockImages === 16) return [call(x, y, 'block'), collect]
  // Single images go through lanes: there is one way to compute a loss.
  const xLanes = context.allocate(logits.size * cellBytes)
  const yLanes = context.allocate(logits.size * cellBytes)
  const move = (kernel: string, images: number, cells: number): KernelCall => {
    return { kernel, split: 'whole', items: 1, args: [images, cells, context.stride, logits.size] }
  }
  return [move('toLanes', x, xLanes), call(xLanes, yLanes, 'whole'), move('fromLanes', y, yLanes), collect]
}

export const softmaxCrossEntropyGrad: WasmKernel<'softmaxCrossEntropyGrad'> = (
  { inputs, outputs },
  context,
) => {
  const [probabilities, dLogits] = [inputs[0]!, outputs[0]!]
  const addresses = [context.address(probabilities), context.address(dLogits), context.stride]
  const args = [...addresses, dLogits.size, context.staging.labels]
  return [{ kernel: 'softmaxCrossEntropyGrad', split: 'block', items: 1, args }]
}
