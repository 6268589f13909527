/** The optimiser on WebGPU: one dispatch over the whole parameters arena; one more before it where gradients are clipped. */
import type { Dispatch, KernelContext } from '../webgpuKernel'
import type { OptimizerSettings } from '#shared/training/settings'
import { elementwise, shader } from '../webgpuShader'
import adamCode from './adam.wgsl?raw'
import clipNormCode from './clipNorm.wgsl?raw'
import { optimizerMoments } from './moments'
import gradientCode from './optimizer.wgsl?raw'
import rmspropCode from './rmsprop.wgsl?raw'
import sgdCode from './sgd.wgsl?raw'
import sgdMomentumCode from './sgdMomentum.wgsl?raw'

const plainStep = 'fn scaled(i: u32, step: f32) -> f32 { return step; }\n'
const momentumStep = `
fn scaled(i: u32, step: f32) -> f32 {
  let buffer = MOMENTUM * moment1[i] + step;
  moment1[i] = buffer;
  return buffer;
}
`

function codeAndConstants(settings: OptimizerSettings): { code: string; constants: Record<string, number> } {
  const f_WEIGHT_DECAY = settings.type === 'adamw' ? 0 : settings.weightDecay
  switch (settings.type) {
    case 'sgd': {
      const code = settings.momentum > 0 ? sgdMomentumCode : sgdCode
      const constants = { f_MOMENTUM: settings.momentum, NESTEROV: settings.nesterov ? 1 : 0 }
      return { code, constants: { f_WEIGHT_DECAY, ...constants } }
    }
    case 'adam':
    case 'adamw':
      return {
        code: adamCode,
        constants: {
          f_WEIGHT_DECAY,
          f_DECOUPLED_DECAY: settings.type === 'adamw' ? settings.weightDecay : 0,
          f_BETA1: settings.beta1,
          f_BETA2: settings.beta2,
          // 1 − β in double precision, then rounded once.
          f_ONE_MINUS_BETA1: 1 - settings.beta1,
          f_ONE_MINUS_BETA2: 1 - settings.beta2,
          f_EPSILON: settings.epsilon,
        },
      }
    case 'rmsprop':
      return {
        code: rmspropCode + (settings.momentum > 0 ? momentumStep : plainStep),
        constants: {
          f_WEIGHT_DECAY,
          f_ALPHA: settings.alpha,
          f_ONE_MINUS_ALPHA: 1 - settings.alpha,
          f_EPSILON: settings.epsilon,
          f_MOMENTUM: settings.momentum,
        },
      }
  }
}

const unclipped = 'fn clipped(gradient: f32) -> f32 { return gradient; }\n'
/** Every thread adds up the parts: there are few, and they stay in the cache. */
const clippedToNorm = `
fn clipped(gradient: f32) -> f32 {
  var squares = 0.0;
  for (var part = 0u; part < PARTS; part++) { squares += scratch[part]; }
  return gradient * min(1.0, CLIP_NORM / (sqrt(squares) + 1e-6));
}
`

const clipThreads = 256

/** Sums of squares for `clippedToNorm`, in a few parts side by side. */
function clipDispatch(context: KernelContext, parameters: number, parts: number): Dispatch {
  return shader(
    context,
    {
      label: 'gradient norm',
      buffers: ['gradients'],
      constants: { PARAMETERS: parameters, PARTS: parts, THREADS: clipThreads },
      code: clipNormCode,
      work: parameters * 3,
      scratch: parts,
    },
    [parts, 1, 1],
  )
}

/** `parameters`: floats of the arena. */
export function optimizerDispatches(
  context: KernelContext,
  settings: OptimizerSettings,
  parameters: number,
  clipNorm: number | null,
): Dispatch[] {
  const { code, constants } = codeAndConstants(settings)
  const parts = Math.min(Math.ceil(parameters / (4 * clipThreads)), context.software ? 4 : 32)
  const update = elementwise(context, {
    label: `optimizer ${settings.type}`,
    buffers: ['parameters', 'gradients', ...optimizerMoments(settings)],
    constants: clipNorm === null ? constants : { ...constants, PARTS: parts, f_CLIP_NORM: clipNorm },
    code: (clipNorm === null ? unclipped : clippedToNorm) + gradientCode + code,
    elements: parameters,
    work: parameters * 20,
    ...(clipNorm === null ? {} : { scratch: parts }),
  })
  return clipNorm === null ? [update] : [clipDispatch(context, parameters, parts), update]
}
