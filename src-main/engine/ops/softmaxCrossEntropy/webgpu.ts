import type { PlanTensor } from '#shared/engine/plan'
import type { WebGpuKernel } from '../webgpuKernel'
import { elementwise, shader } from '../webgpuShader'
import forwardCode from './forward.wgsl?raw'
import gradCode from './grad.wgsl?raw'

const weightOf = {
  plain: 'fn weightOf(c: u32) -> f32 { return 1.0; }\n',
  weighted: 'fn weightOf(c: u32) -> f32 { return classWeights(c); }\n',
}

const keepSums = {
  plain: 'fn keepSums(ofLabels: f32) {}\n',
  weighted: `
fn keepSums(ofLabels: f32) {
  var ofClasses = 0.0;
  for (var c = 0u; c < CLASSES; c++) { ofClasses += classWeights(c); }
  setWeightSums(0u, ofLabels);
  setWeightSums(1u, ofClasses);
}
`,
}

const divisors = {
  plain: `
fn divisor() -> f32 { return f32(current.count); }
fn allWeights() -> f32 { return f32(CLASSES); }
`,
  weighted: `
fn divisor() -> f32 { return weightSums(0u); }
fn allWeights() -> f32 { return weightSums(1u); }
`,
}

/** The tensors that are there, by name. */
function given(tensors: Record<string, PlanTensor | undefined>): Record<string, PlanTensor> {
  return Object.fromEntries(
    Object.entries(tensors).flatMap(([name, tensor]) => (tensor ? [[name, tensor] as const] : [])),
  )
}

export const softmaxCrossEntropy: WebGpuKernel<'softmaxCrossEntropy'> = (
  { attrs, inputs, outputs, label },
  context,
) => {
  const [logits, classWeights] = inputs
  const [probabilities, weightSums] = outputs
  const kind = classWeights ? 'weighted' : 'plain'
  return [
    shader(
      context,
      {
        label,
        reads: given({ logits, classWeights }),
        writes: given({ probabilities, weightSums }),
        buffers: ['batches', 'results'],
        constants: {
          CLASSES: logits!.size,
          THREADS: 64,
          RESULT_BASE: 2 * context.stepsPerWindow,
          f_SMOOTHING: attrs.labelSmoothing,
        },
        code: weightOf[kind] + keepSums[kind] + forwardCode,
        work: context.batch * logits!.size * 60,
      },
      [1, 1, 1],
    ),
  ]
}

export const softmaxCrossEntropyGrad: WebGpuKernel<'softmaxCrossEntropyGrad'> = (
  { attrs, inputs, outputs, label },
  context,
) => {
  const [probabilities, classWeights, weightSums] = inputs
  const dLogits = outputs[0]!
  const elements = context.batch * dLogits.size
  const kind = classWeights ? 'weighted' : 'plain'
  return [
    elementwise(context, {
      label,
      reads: given({ probabilities, classWeights, weightSums }),
      writes: { dLogits },
      buffers: ['batches'],
      constants: { CLASSES: dLogits.size, f_SMOOTHING: attrs.labelSmoothing },
      code: weightOf[kind] + divisors[kind] + gradCode,
      elements,
      work: elements * 8,
    }),
  ]
}
