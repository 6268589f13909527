import type { PlanTensor } from '#shared/engine/plan'
import type { Pair } from '#shared/ops'
import { lanes } from '../../wasm/program'
import type { KernelCall } from '../../wasm/program'
import type { WasmContext, WasmKernel } from '../../wasm/wasmKernel'
import { mapShape, type ConvAttrs, type ConvTensors } from './convTensors'
import { imageConvCall } from './imageWasm'

/** How many tiles cover the filters of a group. */
function tilesOf(filters: number, context: WasmContext): number {
  return Math.ceil(filters / context.micro.rows)
}

/** A convolution as the kernel `conv` does it; the input gradient is one too, with other numbers. */
interface ConvWork {
  input: PlanTensor
  packed: number
  bias: number
  output: PlanTensor
  kernelSize: Pair
  strides: Pair
  dilation: Pair
  padTop: number
  padLeft: number
  spread: Pair
  groups: number
}

function convCall(work: ConvWork, context: WasmContext): KernelCall {
  const input = mapShape(work.input)
  const output = mapShape(work.output)
  const tiles = tilesOf(output[2] / work.groups, context)
  // A row is enough for one item; where there are few, the tiles of a row are shared out too.
  const parts = Math.min(tiles * work.groups, Math.max(1, Math.floor(16 / output[0])))
  context.needThreadScratch(128)
  const args = [
    context.address(work.input),
    work.packed,
    work.bias,
    context.address(work.output),
    context.stride,
    ...input,
    ...output,
    ...work.kernelSize,
    ...work.strides,
    ...work.dilation,
    work.padTop,
    work.padLeft,
    ...work.spread,
    work.groups,
    tiles,
    context.micro.lanes,
    parts,
  ]
  return { kernel: 'conv', split: 'block', items: output[0] * parts, args }
}

function packArgs(attrs: ConvAttrs, kernel: PlanTensor, channels: number, filters: number, tiles: number) {
  const [height, width] = attrs.kernelSize
  return (context: WasmContext, packed: number): number[] => [
    context.address(kernel),
    packed,
    height * width,
    channels,
    filters,
    attrs.groups,
    tiles,
  ]
}

/** Fewer channels or filters than this gain nothing from Winograd's convolution: its transforms cost as much as they save. */
const winogradChannels = 32
/** Bytes of transformed input and output that stay in a core's own cache. */
const winogradBytes = 512 * 1024

/** 3 × 3 taps side by side at stride 1, and enough to multiply at each. Groups are left to the direct way. */
function takesWinograd(attrs: ConvAttrs, channels: number, filters: number): boolean {
  const { kernelSize, strides, dilation, groups } = attrs
  const plain = [...strides, ...dilation, groups].every((n) => n === 1)
  return plain && kernelSize.every((n) => n === 3) && Math.min(channels, filters) >= winogradChannels
}

/** `winograd` in either direction; `padding` is that of the top and the left. */
function winogradCall(
  input: PlanTensor,
  kernel: PlanTensor,
  bias: PlanTensor | undefined,
  output: PlanTensor,
  padding: Pair,
  backward: boolean,
  context: WasmContext,
): KernelCall {
  const [height, width, channels] = mapShape(input)
  const [outHeight, outWidth, filters] = mapShape(output)
  const tiles = tilesOf(filters, context)
  const packedBytes = 16 * channels * filters * 4
  const packed = context.packed(`winograd ${backward} ${kernel.name}`, packedBytes, (address) => ({
    kernel: 'packWinograd',
    split: 'whole',
    items: tiles,
    args: [
      context.address(kernel),
      address,
      backward ? filters : channels,
      backward ? channels : filters,
      tiles,
      backward ? 1 : 0,
    ],
  }))
  const cell = lanes * 4
  const columnBytes = 16 * (channels + filters) * cell
  const columns = Math.max(1, Math.min(Math.ceil(outWidth / 2), Math.floor(winogradBytes / columnBytes)))
  context.needThreadScratch(64 + columns * columnBytes + 32 * cell + 16 * channels * cell)
  const args = [
    context.address(input),
    packed,
    bias ? context.address(bias) : 0,
    context.address(output),
    context.stride,
    ...[height, width, channels],
    ...[outHeight, outWidth, filters],
    ...padding,
    tiles,
    context.micro.lanes,
    columns,
  ]
  return { kernel: 'winograd', split: 'block', items: Math.ceil(outHeight / 2), args }
}

export function convForward(
  attrs: ConvAttrs,
  { x, y, kernel }: ConvTensors,
  bias: PlanTensor | undefined,
  context: WasmContext,
): KernelCall[] {
  if (context.blockImages === 1) return [imageConvCall(attrs, { x, y, kernel }, bias, context)]
  const channels = mapShape(x)[2]
  const filters = mapShape(y)[2]
  if (takesWinograd(attrs, channels, filters)) {
    return [winogradCall(x, kernel, bias, y, [attrs.padding[0], attrs.padding[2]], false, context)]
  }
  const tiles = tilesOf(filters / attrs.groups, context)
  const args = packArgs(attrs, kernel, channels, filters, tiles)
  const packed = context.packed(`forward ${kernel.name}`, kernel.size * 4, (address) => ({
    kernel: 'packForward',
    split: 'whole',
    items: tiles * attrs.groups,
    args: args(context, address),
  }))
  return [
    convCall(
      {
        ...attrs,
        input: x,
        output: y,
        packed,
        bias: bias ? context.address(bias) : 0,
        padTop: attrs.padding[0],
        padLeft: attrs.padding[2],
        spread: [1, 1],
      },
      context,
    ),
  ]
}

/** dx as a convolution of dy, spread out by the stride, with the kernel's taps flipped. x and y are the gradients here. */
export function convInputGrad(
  attrs: ConvAttrs,
  { x, y, kernel }: ConvTensors,
  context: WasmContext,
): KernelCall[] {
  const channels = mapShape(x)[2]
  const filters = mapShape(y)[2]
  if (takesWinograd(attrs, channels, filters)) {
    return [
      winogradCall(y, kernel, undefined, x, [2 - attrs.padding[0], 2 - attrs.padding[2]], true, context),
    ]
  }
  const tiles = tilesOf(channels / attrs.groups, context)
  const args = packArgs(attrs, kernel, channels, filters, tiles)
  const packed = context.packed(`backward ${kernel.name}`, kernel.size * 4, (address) => ({
    kernel: 'packBackward',
    split: 'whole',
    items: tiles * attrs.groups,
    args: args(context, address),
  }))
  const [height, width] = attrs.kernelSize
  return [
    convCall(
      {
        ...attrs,
        input: y,
        output: x,
        packed,
        bias: 0,
        strides: [1, 1],
        padTop: (height - 1) * attrs.dilation[0] - attrs.padding[0],
        padLeft: (width - 1) * attrs.dilation[1] - attrs.padding[2],
        spread: attrs.strides,
      },
      context,
    ),
  ]
}

/** Scratch of `convWeightGrad` before the panel. */
const gradHead = 192
/** With so few input channels the taps at the border cost more than a copy of the input with zeros around it. */
const paddedChannels = 4
/** Floats of dy that are transposed at once: long enough sums, and a panel that stays in the first cache. */
const panelFloats = 4096

/** Sums of all positions that a thread keeps, in floats, at most; more are left to the direct way. */
const winogradSums = 16 * 256 * 256

function winogradWeightGrad(
  attrs: ConvAttrs,
  x: PlanTensor,
  dy: PlanTensor,
  dKernel: PlanTensor,
  dBias: PlanTensor | undefined,
  context: WasmContext,
): KernelCall {
  const [height, width, channels] = mapShape(x)
  const [outHeight, outWidth, filters] = mapShape(dy)
  const { micro } = context
  const cell = lanes * 4
  const panelFilters = micro.lanes
  const tiles = Math.ceil(filters / panelFilters)
  const allTiles = Math.ceil(outHeight / 2) * Math.ceil(outWidth / 2)
  const count = Math.max(1, Math.min(allTiles, 16, Math.floor(winogradBytes / (16 * channels * cell))))
  const panelPixel = panelFilters * cell
  const transformed = 16 * (count * channels + 1) * cell + 16 * (count * panelPixel + cell)
  const patchAndPanel = 16 * channels * cell + 4 * count * panelPixel
  context.needThreadScratch(128 + transformed + patchAndPanel + tiles * 16 * channels * panelFilters * 4)
  const args = [
    context.address(x),
    context.address(dy),
    context.address(dKernel),
    dBias ? context.address(dBias) : 0,
    context.chunkStride,
    context.chunkBlocks,
    context.stride,
    ...[height, width, channels],
    ...[outHeight, outWidth, filters],
    attrs.padding[0],
    attrs.padding[2],
    panelFilters,
    tiles,
    micro.rows,
    count,
  ]
  return { kernel: 'winogradWeightGrad', split: 'chunk', items: tiles, args }
}

export function convWeightGrad(
  attrs: ConvAttrs,
  x: PlanTensor,
  dy: PlanTensor,
  dKernel: PlanTensor,
  dBias: PlanTensor | undefined,
  context: WasmContext,
): KernelCall[] {
  const input = mapShape(x)
  const output = mapShape(dy)
  if (takesWinograd(attrs, input[2], output[2]) && 16 * input[2] * output[2] <= winogradSums) {
    return [winogradWeightGrad(attrs, x, dy, dKernel, dBias, context)]
  }
  const groupFilters = output[2] / attrs.groups
  const { micro } = context
  const panelFilters = groupFilters <= 8 ? 8 : micro.lanes
  const panelPixel = panelFilters * lanes
  const panelRows = Math.min(output[0], Math.max(1, Math.floor(panelFloats / panelPixel / output[1])))
  const tiles = Math.ceil(groupFilters / panelFilters)
  const panelEnd = gradHead + panelRows * output[1] * panelPixel * 4
  const { kernelSize, strides, dilation, padding } = attrs
  const reach = (output[1] - 1) * strides[1] + kernelSize[1]
  const pads = padding[2] > 0 || reach > input[1]
  const copies = pads && attrs.groups === 1 && dilation[1] === 1 && input[2] <= paddedChannels
  const viewRows = (panelRows - 1) * strides[0] + (kernelSize[0] - 1) * dilation[0] + 1
  context.needThreadScratch(panelEnd + (copies ? viewRows * reach * input[2] * lanes * 4 : 0))
  const args = [
    context.address(x),
    context.address(dy),
    context.address(dKernel),
    dBias ? context.address(dBias) : 0,
    context.chunkStride,
    context.chunkBlocks,
    context.stride,
    ...input,
    ...output,
    ...attrs.kernelSize,
    ...attrs.strides,
    ...attrs.dilation,
    attrs.padding[0],
    attrs.padding[2],
    attrs.groups,
    panelRows,
    panelFilters,
    tiles,
    micro.rows,
    copies ? panelEnd : 0,
  ]
  return [{ kernel: 'convWeightGrad', split: 'chunk', items: tiles * attrs.groups, args }]
}

export const conv2d: WasmKernel<'conv2d'> = ({ attrs, inputs, outputs }, context) =>
  convForward(attrs, { x: inputs[0]!, kernel: inputs[1]!, y: outputs[0]! }, inputs[2], context)

export const conv2dInputGrad: WasmKernel<'conv2dInputGrad'> = ({ attrs, inputs, outputs }, context) =>
  convInputGrad(attrs, { y: inputs[0]!, kernel: inputs[1]!, x: outputs[0]! }, context)

export const conv2dWeightGrad: WasmKernel<'conv2dWeightGrad'> = ({ attrs, inputs, outputs }, context) =>
  convWeightGrad(attrs, inputs[0]!, inputs[1]!, outputs[0]!, outputs[1], context)
