import type { KernelAttrs } from '#shared/engine/plan'
import type { PlanTensor } from '#shared/engine/plan'
import { matrixProduct } from '../gemm/webgpu'
import type { WebGpuKernel } from '../webgpuKernel'
import { mapConstants } from '../webgpuShader'
import { rowConv2d, rowInputGrad, rowWeightGradCut } from './rowWebgpu'
import forwardCode from './forward.wgsl?raw'
import inputGradCode from './inputGrad.wgsl?raw'
import weightGradCode from './weightGrad.wgsl?raw'

function constants(attrs: KernelAttrs['conv2d'], x: PlanTensor, y: PlanTensor): Record<string, number> {
  return {
    ...mapConstants('X', x),
    ...mapConstants('Y', y),
    KERNEL_X: attrs.kernelSize[1],
    STRIDE_Y: attrs.strides[0],
    STRIDE_X: attrs.strides[1],
    DILATION_Y: attrs.dilation[0],
    DILATION_X: attrs.dilation[1],
    PAD_TOP: attrs.padding[0],
    PAD_LEFT: attrs.padding[2],
    GROUP_CHANNELS: x.shape[2]! / attrs.groups,
    GROUP_FILTERS: attrs.filters / attrs.groups,
  }
}

export const conv2d: WebGpuKernel<'conv2d'> = (pass, context) => {
  if (context.software) return rowConv2d(pass, context)
  const { attrs, inputs, outputs, label } = pass
  const [x, kernel, bias] = inputs
  const [y] = outputs
  const biasCode = `fn biasOf(f: u32) -> f32 { return ${bias ? 'bias(f)' : '0.0'}; }\n`
  return matrixProduct(context, {
    label,
    reads: { x: x!, kernel: kernel!, ...(bias && { bias }) },
    writes: { y: y! },
    constants: constants(attrs, x!, y!),
    code: biasCode + forwardCode,
    aAlong: 'k',
    aFours: x!.shape[2]! % (4 * attrs.groups) === 0,
    bAlong: 'n',
    bFours: attrs.filters % (4 * attrs.groups) === 0,
    m: (context.batch * y!.size) / attrs.filters,
    n: attrs.filters / attrs.groups,
    k: kernel!.size / attrs.filters,
    groups: attrs.groups,
  })
}

export const conv2dInputGrad: WebGpuKernel<'conv2dInputGrad'> = (pass, context) => {
  const byRows = context.software ? rowInputGrad(pass, context) : null
  if (byRows) return byRows
  const { attrs, inputs, outputs, label } = pass
  const [dy, kernel] = inputs
  const [dx] = outputs
  const channels = dx!.shape[2]!
  return matrixProduct(context, {
    label,
    reads: { dy: dy!, kernel: kernel! },
    writes: { dx: dx! },
    constants: constants(attrs, dx!, dy!),
    code: inputGradCode,
    aAlong: 'k',
    aFours: attrs.filters % (4 * attrs.groups) === 0,
    bAlong: 'k',
    bFours: attrs.filters % (4 * attrs.groups) === 0,
    m: (context.batch * dx!.size) / channels,
    n: channels / attrs.groups,
    k: (attrs.kernelSize[0] * attrs.kernelSize[1] * attrs.filters) / attrs.groups,
    groups: attrs.groups,
  })
}

export const conv2dWeightGrad: WebGpuKernel<'conv2dWeightGrad'> = (pass, context) => {
  const { attrs, inputs, outputs, label } = pass
  const [x, dy] = inputs
  const [dKernel, dBias] = outputs
  const rows = dKernel!.size / attrs.filters
  const biasCode = `fn storeBias(f: u32, value: f32) { ${dBias ? 'setDBias(f, value);' : ''} }\n`
  return matrixProduct(
    context,
    {
      label,
      reads: { x: x!, dy: dy! },
      writes: { dKernel: dKernel!, ...(dBias && { dBias }) },
      constants: { ...constants(attrs, x!, dy!), KERNEL_ROWS: rows },
      code: biasCode + weightGradCode,
      aAlong: 'm',
      aFours: x!.shape[2]! % (4 * attrs.groups) === 0,
      bAlong: 'n',
      bFours: attrs.filters % (4 * attrs.groups) === 0,
      m: rows + (dBias ? 1 : 0),
      n: attrs.filters / attrs.groups,
      k: (context.batch * dy!.size) / attrs.filters,
      groups: attrs.groups,
    },
    context.software ? rowWeightGradCut(pass) : undefined,
  )
}
