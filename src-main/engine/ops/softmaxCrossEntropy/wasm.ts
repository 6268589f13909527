import type { PlanTensor } from '#shared/engine/plan'
import { lanes, type KernelCall, type KernelSplit } from '../../wasm/program'
import type { WasmContext, WasmKernel } from '../../wasm/wasmKernel'

/** A value of 16 images. */
const cellBytes = lanes * 4

/** Address of a tensor that is there with class weights only. */
function optional(context: WasmContext, tensor: PlanTensor | undefined): number {
  return tensor === undefined ? 0 : context.address(tensor)
}

export const softmaxCrossEntropy: WasmKernel<'softmaxCrossEntropy'> = (
  { attrs, inputs, outputs },
  context,
) => {
  const [logits, classWeights] = [inputs[0]!, inputs[1]]
  const [probabilities, sums] = [outputs[0]!, outputs[1]]
  const { labels, losses, correct } = context.staging
  const settings = [{ f32: attrs.labelSmoothing }, optional(context, classWeights), optional(context, sums)]
  const collect: KernelCall = { kernel: 'collect', split: 'block', items: 1, args: [] }
  const call = (x: number, y: number, split: KernelSplit): KernelCall => {
    const args = [x, y, context.stride, logits.size, labels, losses, correct, ...settings]
    return { kernel: 'softmaxCrossEntropy', split, items: 1, args }
  }
  const [x, y] = [context.address(logits), context.address(probabilities)]
  if (context.blockImages === 16) {
    const loss = [call(x, y, 'block'), collect]
    if (!classWeights || !sums) return loss
    const args = [labels, context.address(classWeights), classWeights.size, context.address(sums)]
    return [{ kernel: 'weightSums', split: 'whole', items: 1, args }, ...loss]
  }
  // Single images (inference only, so never weighted) go through lanes: there is one way to compute a loss.
  const xLanes = context.allocate(logits.size * cellBytes)
  const yLanes = context.allocate(logits.size * cellBytes)
  const move = (kernel: string, images: number, cells: number): KernelCall => {
    return { kernel, split: 'whole', items: 1, args: [images, cells, context.stride, logits.size] }
  }
  return [move('toLanes', x, xLanes), call(xLanes, yLanes, 'whole'), move('fromLanes', y, yLanes), collect]
}

export const softmaxCrossEntropyGrad: WasmKernel<'softmaxCrossEntropyGrad'> = (
  { attrs, inputs, outputs },
  context,
) => {
  const [probabilities, classWeights, sums] = inputs
  const dLogits = outputs[0]!
  const addresses = [context.address(probabilities!), context.address(dLogits), context.stride]
  const smoothing = { f32: attrs.labelSmoothing }
  const weighting = [optional(context, classWeights), optional(context, sums)]
  const args = [...addresses, dLogits.size, context.staging.labels, smoothing, ...weighting]
  return [{ kernel: 'softmaxCrossEntropyGrad', split: 'block', items: 1, args }]
}
