import type { KernelAttrs } from '#shared/engine/plan'
import type { PlanTensor } from '#shared/engine/plan'
import { matrixProduct } from '../gemm/webgpu'
import { chooseRegisterTile, registerThreads } from '../gemm/registerShader'
import { mapConstants, shader, workgroupGrid, type ShaderParts } from '../webgpuShader'
import type { Dispatch, KernelContext, WebGpuKernel } from '../webgpuKernel'
import { rowCode, type RowConvolution } from './rowShader'
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

/** Floats of the kernel per cell of the window. */
function tapSize(kernel: PlanTensor, { kernelSize }: KernelAttrs['conv2d']): number {
  return kernel.size / (kernelSize[0] * kernelSize[1])
}

/** Adapters that compute on the processor: see rowShader.ts. */
function rowDispatches(
  context: KernelContext,
  convolution: RowConvolution,
  parts: Pick<ShaderParts, 'label' | 'reads' | 'writes' | 'code'>,
): Dispatch[] {
  const { outSize, outChannels, sourceChannels, groups, kernelSize } = convolution
  const channels = outChannels / groups
  const multiplications =
    (context.batch * outSize[0] * outSize[1] * outChannels * kernelSize[0] * kernelSize[1] * sourceChannels) /
    groups
  const tile = chooseRegisterTile(outSize[1], channels, multiplications, kernelSize[1])
  const tilesX = Math.ceil(outSize[1] / tile.tm)
  const tilesN = Math.ceil(channels / tile.tn)
  const tiles = context.batch * outSize[0] * tilesX * tilesN
  const [columns, rows] = workgroupGrid(Math.ceil(tiles / registerThreads))
  return [
    shader(
      context,
      {
        ...parts,
        constants: { TILES: tiles, TILES_X: tilesX, TILES_N: tilesN, TILE_COLUMNS: columns },
        code: parts.code + rowCode(convolution, tile, tiles),
        work: 2 * multiplications,
      },
      [columns, rows, groups],
    ),
  ]
}

export const conv2d: WebGpuKernel<'conv2d'> = ({ attrs, inputs, outputs, label }, context) => {
  const [x, kernel, bias] = inputs
  const [y] = outputs
  if (context.software) {
    const [top, , left] = attrs.padding
    return rowDispatches(
      context,
      {
        ...attrs,
        outSize: [y!.shape[0]!, y!.shape[1]!],
        outChannels: attrs.filters,
        sourceSize: [x!.shape[0]!, x!.shape[1]!],
        sourceChannels: x!.shape[2]!,
        padding: { top, left },
        arenas: { source: x!.arena, kernel: kernel!.arena, out: y!.arena },
        weights: {
          first: 0,
          ky: attrs.kernelSize[1] * tapSize(kernel!, attrs),
          kx: tapSize(kernel!, attrs),
          c: attrs.filters,
          n: 1,
          group: attrs.filters / attrs.groups,
        },
      },
      {
        label,
        reads: { source: x!, kernel: kernel!, ...(bias && { bias }) },
        writes: { out: y! },
        code: `fn biasOf(n: u32) -> f32 { return ${bias ? `bias(group * ${attrs.filters / attrs.groups}u + n)` : '0.0'}; }\n`,
      },
    )
  }
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

export const conv2dInputGrad: WebGpuKernel<'conv2dInputGrad'> = (
  { attrs, inputs, outputs, label },
  context,
) => {
  const [dy, kernel] = inputs
  const [dx] = outputs
  const channels = dx!.shape[2]!
  // With strides the pixels of a row take different weights.
  if (context.software && attrs.strides[0] === 1 && attrs.strides[1] === 1) {
    const [top, , left] = attrs.padding
    const [height, width] = attrs.kernelSize
    const tap = tapSize(kernel!, attrs)
    return rowDispatches(
      context,
      {
        ...attrs,
        outSize: [dx!.shape[0]!, dx!.shape[1]!],
        outChannels: channels,
        sourceSize: [dy!.shape[0]!, dy!.shape[1]!],
        sourceChannels: attrs.filters,
        padding: {
          top: (height - 1) * attrs.dilation[0] - top,
          left: (width - 1) * attrs.dilation[1] - left,
        },
        arenas: { source: dy!.arena, kernel: kernel!.arena, out: dx!.arena },
        // The window turned by half a turn.
        weights: {
          first: (height * width - 1) * tap,
          ky: -width * tap,
          kx: -tap,
          c: 1,
          n: attrs.filters,
          group: attrs.filters / attrs.groups,
        },
      },
      {
        label,
        reads: { source: dy!, kernel: kernel! },
        writes: { out: dx! },
        code: 'fn biasOf(n: u32) -> f32 { return 0.0; }\n',
      },
    )
  }
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

export const conv2dWeightGrad: WebGpuKernel<'conv2dWeightGrad'> = (
  { attrs, inputs, outputs, label },
  context,
) => {
  const [x, dy] = inputs
  const [dKernel, dBias] = outputs
  const rows = dKernel!.size / attrs.filters
  const biasCode = `fn storeBias(f: u32, value: f32) { ${dBias ? 'setDBias(f, value);' : ''} }\n`
  return matrixProduct(context, {
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
  })
}
