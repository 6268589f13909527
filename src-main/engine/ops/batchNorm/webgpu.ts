import type { PlanTensor } from '#shared/engine/plan'
import type { Dispatch, KernelContext, WebGpuKernel } from '../webgpuKernel'
import { elementwise, shader, type ShaderParts } from '../webgpuShader'
import inferenceGradCode from './inferenceGrad.wgsl?raw'
import inputGradCode from './inputGrad.wgsl?raw'
import normaliseCode from './normalise.wgsl?raw'
import partialsCode from './partials.wgsl?raw'
import statisticsCode from './statistics.wgsl?raw'
import sumGradsCode from './sumGrads.wgsl?raw'

const threads = 64
const mostParts = 256

interface Sizes {
  channels: number
  parts: number
  channelsAtOnce: number
  constants: Record<string, number>
  scratch: number
}

/** How the pixels of a batch are cut into parts that are summed side by side. */
function sizesOf(context: KernelContext, x: PlanTensor): Sizes {
  const channels = x.shape.at(-1)!
  const pixels = x.size / channels
  const rows = context.batch * pixels
  const parts = Math.min(Math.ceil(rows / 256), context.software ? 8 : mostParts)
  const channelsAtOnce = channels >= 16 ? 16 : channels >= 4 ? 4 : 1
  return {
    channels,
    parts,
    channelsAtOnce,
    constants: { CHANNELS: channels, PIXELS: pixels, ROWS_PER_PART: Math.ceil(rows / parts) },
    scratch: 2 * parts * channels,
  }
}

function partials(
  context: KernelContext,
  sizes: Sizes,
  parts: Pick<ShaderParts, 'label' | 'reads' | 'code' | 'work'>,
): Dispatch {
  return shader(
    context,
    {
      ...parts,
      constants: { ...sizes.constants, THREADS: threads, CHANNELS_AT_ONCE: sizes.channelsAtOnce },
      code: parts.code + partialsCode,
      scratch: sizes.scratch,
    },
    [sizes.parts, Math.ceil(sizes.channels / sizes.channelsAtOnce), 1],
  )
}

const statisticsTerms = `
fn first(i: u32, c: u32) -> f32 { return x(i); }
fn second(i: u32, c: u32, firstMean: f32) -> f32 { let delta = x(i) - firstMean; return delta * delta; }
`

const gradTerms = `
fn first(i: u32, c: u32) -> f32 { return dy(i); }
fn second(i: u32, c: u32, firstMean: f32) -> f32 { return dy(i) * (x(i) - mean(c)) * invStd(c); }
`

export const batchNorm: WebGpuKernel<'batchNorm'> = ({ attrs, inputs, outputs, label }, context) => {
  const [x, gamma, beta, movingMean, movingVariance] = inputs
  const [y, mean, invStd] = outputs
  const sizes = sizesOf(context, x!)
  const elements = context.batch * x!.size
  return [
    partials(context, sizes, {
      label: `${label} (sums)`,
      reads: { x: x! },
      code: statisticsTerms,
      work: elements * 8,
    }),
    elementwise(context, {
      label: `${label} (statistics)`,
      reads: { movingMean: movingMean!, movingVariance: movingVariance! },
      writes: {
        mean: mean!,
        invStd: invStd!,
        movingMean: movingMean!,
        movingVariance: movingVariance!,
      },
      constants: { ...sizes.constants, f_EPSILON: attrs.epsilon, f_MOMENTUM: attrs.momentum },
      code: statisticsCode,
      elements: sizes.channels,
      work: sizes.scratch * 10,
      scratch: sizes.scratch,
    }),
    elementwise(context, {
      label,
      reads: { x: x!, gamma: gamma!, beta: beta!, mean: mean!, invStd: invStd! },
      writes: { y: y! },
      constants: sizes.constants,
      code: normaliseCode,
      elements,
      work: elements * 8,
    }),
  ]
}

export const batchNormGrad: WebGpuKernel<'batchNormGrad'> = ({ inputs, outputs, label }, context) => {
  const [x, dy, gamma, mean, invStd] = inputs
  const [dx, dGamma, dBeta] = outputs
  const sizes = sizesOf(context, x!)
  const elements = context.batch * x!.size
  return [
    partials(context, sizes, {
      label: `${label} (sums)`,
      reads: { x: x!, dy: dy!, mean: mean!, invStd: invStd! },
      code: gradTerms,
      work: elements * 10,
    }),
    elementwise(context, {
      label: `${label} (weights)`,
      writes: { dGamma: dGamma!, dBeta: dBeta! },
      constants: sizes.constants,
      code: sumGradsCode,
      elements: sizes.channels,
      work: sizes.scratch * 4,
      scratch: sizes.scratch,
    }),
    elementwise(context, {
      label,
      reads: {
        x: x!,
        dy: dy!,
        gamma: gamma!,
        mean: mean!,
        invStd: invStd!,
        dGamma: dGamma!,
        dBeta: dBeta!,
      },
      writes: { dx: dx! },
      constants: sizes.constants,
      code: inputGradCode,
      elements,
      work: elements * 12,
    }),
  ]
}

export const batchNormInference: WebGpuKernel<'batchNormInference'> = (
  { attrs, inputs, outputs, label },
  context,
) => {
  const [x, gamma, beta, movingMean, movingVariance] = inputs
  const elements = context.batch * x!.size
  return [
    elementwise(context, {
      label,
      reads: {
        x: x!,
        gamma: gamma!,
        beta: beta!,
        mean: movingMean!,
        movingVariance: movingVariance!,
      },
      writes: { y: outputs[0]! },
      constants: { CHANNELS: x!.shape.at(-1)!, f_EPSILON: attrs.epsilon },
      code: `fn invStd(c: u32) -> f32 { return 1.0 / sqrt(movingVariance(c) + EPSILON); }\n${normaliseCode}`,
      elements,
      work: elements * 12,
    }),
  ]
}

export const batchNormInferenceGrad: WebGpuKernel<'batchNormInferenceGrad'> = (
  { attrs, inputs, outputs, label },
  context,
) => {
  const [dy, gamma, movingVariance] = inputs
  const elements = context.batch * dy!.size
  return [
    elementwise(context, {
      label,
      reads: { dy: dy!, gamma: gamma!, movingVariance: movingVariance! },
      writes: { dx: outputs[0]! },
      constants: { CHANNELS: dy!.shape.at(-1)!, f_EPSILON: attrs.epsilon },
      code: inferenceGradCode,
      elements,
      work: elements * 8,
    }),
  ]
}
