import type { WasmKernel } from '../../wasm/wasmKernel'
import { liesBetween, noiseStep } from './variant'

/** Bytes for the places of one pixel of 16 images (assembly/gatherVaried.ts). */
const placesBytes = 6 * 64

export const gather: WasmKernel<'gather'> = ({ attrs, inputs, outputs }, context) => {
  const [mean, invStd, divisor] = inputs.map((tensor) => context.address(tensor))
  const y = outputs[0]!
  const [height, width, channels] = y.shape as [number, number, number]
  const parts = context.parts(context.cells(y.size))
  const stage = { kernel: 'stage', split: 'block', items: 1, args: [] } as const
  const { bytes, variants } = context.staging
  const { augmentation } = attrs
  if (augmentation) {
    context.needThreadScratch(placesBytes)
    const args = [
      ...[bytes, variants, mean!, invStd!, divisor!, context.address(y), context.stride],
      ...[
        height,
        width,
        channels,
        parts,
        liesBetween(augmentation) ? 1 : 0,
        { f32: noiseStep(augmentation) },
      ],
    ]
    return [stage, { kernel: 'gatherVaried', split: 'block', items: parts, args }]
  }
  const args = [
    ...[bytes, mean!, invStd!, divisor!, context.address(y), context.stride],
    ...[height * width, channels, parts],
  ]
  const kernel = context.blockImages === 1 ? 'gatherImage' : 'gather'
  return [stage, { kernel, split: 'block', items: parts, args }]
}
