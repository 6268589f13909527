/**
 * Convolutions for adapters that compute on the processor: dispatches of the texts in rowShader.ts and weightGradRowShader.ts.
 */
import type { KernelAttrs, PlanTensor } from '#shared/engine/plan'
import { chooseRegisterTile, registerThreads } from '../gemm/registerShader'
import { registerJobs, type Cut } from '../gemm/webgpu'
import type { Dispatch, KernelContext, KernelPass } from '../webgpuKernel'
import { shader, workgroupGrid, type ShaderParts } from '../webgpuShader'
import { rowCode, type RowConvolution } from './rowShader'
import { weightGradRowCode, weightGradTile } from './weightGradRowShader'

/** Floats of the kernel per cell of the window. */
function tapSize(kernel: PlanTensor, { kernelSize }: KernelAttrs['conv2d']): number {
  return kernel.size / (kernelSize[0] * kernelSize[1])
}

function dispatches(
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
        constants: { TILES: tiles, TILES_X: tilesX, TILES_N: tilesN, GRID_COLUMNS: columns },
        code: parts.code + rowCode(convolution, tile, tiles),
        work: 2 * multiplications,
      },
      [columns, rows, groups],
    ),
  ]
}

export function rowConv2d(pass: KernelPass<'conv2d'>, context: KernelContext): Dispatch[] {
  const { attrs, label } = pass
  const [x, kernel, bias] = pass.inputs as [PlanTensor, PlanTensor, PlanTensor?]
  const [y] = pass.outputs as [PlanTensor]
  const [top, , left] = attrs.padding
  const tap = tapSize(kernel, attrs)
  const filters = attrs.filters / attrs.groups
  return dispatches(
    context,
    {
      ...attrs,
      outSize: [y.shape[0]!, y.shape[1]!],
      outChannels: attrs.filters,
      sourceSize: [x.shape[0]!, x.shape[1]!],
      sourceChannels: x.shape[2]!,
      padding: { top, left },
      arenas: { source: x.arena, kernel: kernel.arena, out: y.arena },
      weights: { first: 0, ky: attrs.kernelSize[1] * tap, kx: tap, c: attrs.filters, n: 1, group: filters },
    },
    {
      label,
      reads: { source: x, kernel, ...(bias && { bias }) },
      writes: { out: y },
      code: `fn biasOf(n: u32) -> f32 { return ${bias ? `bias(group * ${filters}u + n)` : '0.0'}; }\n`,
    },
  )
}

/** A convolution of dy with the window turned by half a turn. With strides the pixels of a row would take different weights. */
export function rowInputGrad(pass: KernelPass<'conv2dInputGrad'>, context: KernelContext): Dispatch[] | null {
  const { attrs, label } = pass
  if (attrs.strides[0] !== 1 || attrs.strides[1] !== 1) return null
  const [dy, kernel] = pass.inputs as [PlanTensor, PlanTensor]
  const [dx] = pass.outputs as [PlanTensor]
  const [top, , left] = attrs.padding
  const [height, width] = attrs.kernelSize
  const tap = tapSize(kernel, attrs)
  return dispatches(
    context,
    {
      ...attrs,
      outSize: [dx.shape[0]!, dx.shape[1]!],
      outChannels: dx.shape[2]!,
      sourceSize: [dy.shape[0]!, dy.shape[1]!],
      sourceChannels: attrs.filters,
      padding: {
        top: (height - 1) * attrs.dilation[0] - top,
        left: (width - 1) * attrs.dilation[1] - left,
      },
      arenas: { source: dy.arena, kernel: kernel.arena, out: dx.arena },
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
      reads: { source: dy, kernel },
      writes: { out: dx },
      code: 'fn biasOf(n: u32) -> f32 { return 0.0; }\n',
    },
  )
}

/** How the product of weightGrad.wgsl is cut up. */
export function rowWeightGradCut({ attrs, inputs, outputs }: KernelPass<'conv2dWeightGrad'>): Cut {
  const [x, dy] = inputs as [PlanTensor, PlanTensor]
  const filters = attrs.filters / attrs.groups
  const tile = weightGradTile(x.shape[2]! / attrs.groups, filters, attrs.kernelSize)
  const rows = outputs[0]!.size / attrs.filters
  return {
    code: weightGradRowCode(attrs, x, dy, tile, outputs.length > 1),
    tilesM: rows / (tile.windowRows * attrs.kernelSize[1] * tile.channels),
    tilesN: Math.ceil(filters / tile.filters),
    ...registerJobs,
    // Whole rows of the output.
    splitUnit: dy.shape[1]!,
  }
}
