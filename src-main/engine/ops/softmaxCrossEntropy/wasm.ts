import type { WasmKernel } from '../../wasm/wasmKernel'

export const softmaxCrossEntropy: WasmKernel<'softmaxCrossEntropy'> = ({ inputs, outputs }, context) => {
  const [logits, probabilities] = [inputs[0]!, outputs[0]!]
  const { labels, losses, correct } = context.staging
  const addresses = [context.address(logits), context.address(probabilities), context.stride]
  const args = [...addresses, logits.size, labels, losses, correct]
  return [
    { kernel: 'softmaxCrossEntropy', split: 'block', items: 1, args },
    { kernel: 'collect', split: 'block', items: 1, args: [] },
  ]
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
