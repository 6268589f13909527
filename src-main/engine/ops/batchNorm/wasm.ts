import type { WasmKernel } from '../../wasm/wasmKernel'

/** Two doubles per block and channel, for the statistics of one pass. */
const partialBytes = 16

export const batchNorm: WasmKernel<'batchNorm'> = ({ attrs, inputs, outputs }, context) => {
  const [x, gamma] = inputs
  const [y, mean, invStd] = outputs
  const channels = gamma!.size
  const args = [
    ...[...inputs, y!, mean!, invStd!].map((tensor) => context.address(tensor)),
    context.stride,
    x!.size / channels,
    channels,
    { f32: attrs.momentum },
    { f32: attrs.epsilon },
    context.allocate(context.blocks * channels * partialBytes),
  ]
  return [
    { kernel: 'batchNormStatistics', split: 'block', items: channels, args },
    { kernel: 'batchNormJoin', split: 'whole', items: channels, args },
    { kernel: 'batchNormApply', split: 'block', items: channels, args },
  ]
}

export const batchNormGrad: WasmKernel<'batchNormGrad'> = ({ inputs, outputs }, context) => {
  const [x, , gamma] = inputs
  const channels = gamma!.size
  const args = [
    ...[...inputs, ...outputs].map((tensor) => context.address(tensor)),
    context.stride,
    x!.size / channels,
    channels,
    context.allocate(context.blocks * channels * partialBytes),
  ]
  return [
    { kernel: 'batchNormGradSums', split: 'block', items: channels, args },
    { kernel: 'batchNormGradJoin', split: 'whole', items: channels, args },
    { kernel: 'batchNormGradApply', split: 'block', items: channels, args },
  ]
}

export const batchNormInference: WasmKernel<'batchNormInference'> = ({ attrs, inputs, outputs }, context) => {
  const [x, gamma] = inputs
  const channels = gamma!.size
  const addresses = [...inputs, outputs[0]!].map((tensor) => context.address(tensor))
  if (context.blockImages === 1) {
    const parts = Math.min(channels, context.parts(context.cells(x!.size)))
    const sizes = [context.stride, x!.size / channels, channels, parts]
    const args = [...addresses, ...sizes, { f32: attrs.epsilon }]
    return [{ kernel: 'imageNorm', split: 'block', items: parts, args }]
  }
  const args = [
    ...addresses,
    0,
    0,
    context.stride,
    x!.size / channels,
    channels,
    { f32: attrs.momentum },
    { f32: attrs.epsilon },
    0,
  ]
  return [{ kernel: 'batchNormInference', split: 'block', items: channels, args }]
}

export const batchNormInferenceGrad: WasmKernel<'batchNormInferenceGrad'> = (
  { attrs, inputs, outputs },
  context,
) => {
  const [dy, gamma] = inputs
  const channels = gamma!.size
  const addresses = [...inputs, outputs[0]!].map((tensor) => context.address(tensor))
  const args = [...addresses, context.stride, dy!.size / channels, channels, { f32: attrs.epsilon }]
  return [{ kernel: 'batchNormInferenceGrad', split: 'block', items: channels, args }]
}
