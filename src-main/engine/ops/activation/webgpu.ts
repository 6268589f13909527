import type { ActivationAttrs, ActivationKind } from '#shared/ops'
import type { WebGpuKernel } from '../webgpuKernel'
import { elementwise } from '../webgpuShader'
import functionsCode from './activations.wgsl?raw'
import { erfClamp, erfDenominator, erfNumerator } from './erf'

/** The WGSL function of each kind (its derivative has `Grad` appended), and its cost in rough operations. */
const functions: Record<ActivationKind, { name: string; work: number }> = {
  relu: { name: 'relu', work: 3 },
  leakyRelu: { name: 'leakyRelu', work: 4 },
  elu: { name: 'elu', work: 30 },
  gelu: { name: 'gelu', work: 40 },
  sigmoid: { name: 'sigmoid', work: 25 },
  // `tanh` itself is WGSL's own, which may be off by 1e-5.
  tanh: { name: 'tanhOf', work: 30 },
  softplus: { name: 'softplus', work: 40 },
}

function coefficients(name: string, values: readonly number[]): string {
  return (
    `const ${name}_LENGTH: u32 = ${values.length}u;\n` +
    `const ${name} = array<f32, ${values.length}>(${values.join(', ')});\n`
  )
}

const erfCode =
  `const ERF_CLAMP: f32 = ${erfClamp};\n` +
  coefficients('ERF_NUMERATOR', erfNumerator) +
  coefficients('ERF_DENOMINATOR', erfDenominator)

function constants(attrs: ActivationAttrs): Record<string, number> {
  return { f_ALPHA: attrs.alpha }
}

export const activation: WebGpuKernel<'activation'> = ({ attrs, inputs, outputs, label }, context) => {
  const { name, work } = functions[attrs.kind]
  const elements = context.batch * outputs[0]!.size
  return [
    elementwise(context, {
      label,
      reads: { x: inputs[0]! },
      writes: { y: outputs[0]! },
      constants: constants(attrs),
      code: `${erfCode}${functionsCode}\nfn compute(i: u32) { setY(i, ${name}(x(i))); }\n`,
      elements,
      work: elements * work,
    }),
  ]
}

export const activationGrad: WebGpuKernel<'activationGrad'> = (
  { attrs, inputs, outputs, label },
  context,
) => {
  const { name, work } = functions[attrs.kind]
  const elements = context.batch * outputs[0]!.size
  return [
    elementwise(context, {
      label,
      reads: { saved: inputs[0]!, dy: inputs[1]! },
      writes: { dx: outputs[0]! },
      constants: constants(attrs),
      code: `${erfCode}${functionsCode}\nfn compute(i: u32) { setDx(i, dy(i) * ${name}Grad(saved(i))); }\n`,
      elements,
      work: elements * work,
    }),
  ]
}
