import { matrixProduct } from '../gemm/webgpu'
import type { WebGpuKernel } from '../webgpuKernel'
import forwardCode from './forward.wgsl?raw'
import inputGradCode from './inputGrad.wgsl?raw'
import weightGradCode from './weightGrad.wgsl?raw'

export const dense: WebGpuKernel<'dense'> = ({ attrs, inputs, outputs, label }, context) => {
  const [x, kernel, bias] = inputs
  const biasCode = `fn biasOf(u: u32) -> f32 { return ${bias ? 'bias(u)' : '0.0'}; }\n`
  return matrixProduct(context, {
    label,
    reads: { x: x!, kernel: kernel!, ...(bias && { bias }) },
    writes: { y: outputs[0]! },
    constants: {},
    code: biasCode + forwardCode,
    aAlong: 'k',
    aFours: x!.size % 4 === 0,
    bAlong: 'n',
    bFours: attrs.units % 4 === 0,
    m: context.batch,
    n: attrs.units,
    k: x!.size,
    groups: 1,
  })
}

export const denseInputGrad: WebGpuKernel<'denseInputGrad'> = ({ attrs, inputs, outputs, label }, context) =>
  matrixProduct(context, {
    label,
    reads: { dy: inputs[0]!, kernel: inputs[1]! },
    writes: { dx: outputs[0]! },
    constants: {},
    code: inputGradCode,
    aAlong: 'k',
    aFours: attrs.units % 4 === 0,
    bAlong: 'k',
    bFours: attrs.units % 4 === 0,
    m: context.batch,
    n: outputs[0]!.size,
    k: attrs.units,
    groups: 1,
  })

export const denseWeightGrad: WebGpuKernel<'denseWeightGrad'> = (
  { attrs, inputs, outputs, label },
  context,
) => {
  const [x, dy] = inputs
  const [dKernel, dBias] = outputs
  const biasCode = `fn storeBias(u: u32, value: f32) { ${dBias ? 'setDBias(u, value);' : ''} }\n`
  return matrixProduct(context, {
    label,
    reads: { x: x!, dy: dy! },
    writes: { dKernel: dKernel!, ...(dBias && { dBias }) },
    constants: { KERNEL_ROWS: x!.size },
    code: biasCode + weightGradCode,
    aAlong: 'm',
    aFours: x!.size % 4 === 0,
    bAlong: 'n',
    bFours: attrs.units % 4 === 0,
    m: x!.size + (dBias ? 1 : 0),
    n: attrs.units,
    k: context.batch,
    groups: 1,
  })
}
