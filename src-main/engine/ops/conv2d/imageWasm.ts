/** Convolutions and dense layers of images that lie one after the other: lanes are filters. */
import type { PlanTensor } from '#shared/engine/plan'
import type { KernelCall } from '../../wasm/program'
import type { WasmContext } from '../../wasm/wasmKernel'
import { mapShape, type ConvAttrs, type ConvTensors } from './convTensors'

/** Scratch of `imageConv` before the padded rows. */
const headBytes = 192

export function imageConvCall(
  attrs: ConvAttrs,
  { x, y, kernel }: ConvTensors,
  bias: PlanTensor | undefined,
  context: WasmContext,
): KernelCall {
  const [height, width, channels] = mapShape(x)
  const [outHeight, outWidth, filters] = mapShape(y)
  const { kernelSize, strides, dilation, padding, groups } = attrs
  const groupFilters = filters / groups
  const panelFilters = groupFilters <= 8 ? 8 : context.micro.lanes
  const panels = Math.ceil(groupFilters / panelFilters)
  const steps = kernelSize[0] * kernelSize[1] * (channels / groups)
  const packedBytes = panels * groups * steps * panelFilters * 4
  const packed = context.packed(`image ${kernel.name}`, packedBytes, (address) => ({
    kernel: 'packImage',
    split: 'whole',
    items: panels * groups,
    args: [context.address(kernel), address, steps, filters, groups, panels, panelFilters],
  }))
  const reach = (outWidth - 1) * strides[1] + (kernelSize[1] - 1) * dilation[1] + 1
  context.needThreadScratch(headBytes + kernelSize[0] * reach * channels * 4)
  const parts = Math.min(panels * groups, Math.max(1, Math.floor(16 / outHeight)))
  const args = [
    context.address(x),
    packed,
    bias ? context.address(bias) : 0,
    context.address(y),
    context.stride,
    ...[height, width, channels],
    ...[outHeight, outWidth, filters],
    ...kernelSize,
    ...strides,
    ...dilation,
    padding[0],
    padding[2],
    groups,
    panels,
    panelFilters,
    context.micro.rows,
    parts,
  ]
  return { kernel: 'imageConv', split: 'block', items: outHeight * parts, args }
}
