/** Maximum and average pooling differ in the name of the kernel only. */
import type { PlanTensor } from '#shared/engine/plan'
import type { Pool2dAttrs } from '#shared/ops'
import type { KernelCall } from '../wasm/program'
import type { WasmContext } from '../wasm/wasmKernel'

function sizes(attrs: Pool2dAttrs, x: PlanTensor, y: PlanTensor, context: WasmContext): number[] {
  const [height, width, channels] = x.shape as [number, number, number]
  return [
    height,
    width,
    channels * context.blockImages * 4,
    y.shape[0]!,
    y.shape[1]!,
    ...attrs.poolSize,
    ...attrs.strides,
    attrs.padding[0],
    attrs.padding[2],
  ]
}

export function poolCalls(
  kernel: 'maxPool' | 'avgPool',
  attrs: Pool2dAttrs,
  x: PlanTensor,
  y: PlanTensor,
  context: WasmContext,
): KernelCall[] {
  const args = [context.address(x), context.address(y), context.stride, ...sizes(attrs, x, y, context)]
  return [{ kernel, split: 'block', items: y.shape[0]!, args }]
}

/** x and y are unused (and may be the gradients) for averages. */
export function poolGradCalls(
  kernel: 'maxPoolGrad' | 'avgPoolGrad',
  attrs: Pool2dAttrs,
  tensors: { x: PlanTensor; y: PlanTensor; dy: PlanTensor; dx: PlanTensor },
  context: WasmContext,
): KernelCall[] {
  const { x, y, dy, dx } = tensors
  const parts = Math.ceil(x.shape[2]! / 8)
  const addresses = [x, y, dy, dx].map((tensor) => context.address(tensor))
  const covers = [0, 1].every(
    (axis) =>
      attrs.poolSize[axis] === attrs.strides[axis] &&
      x.shape[axis]! === y.shape[axis]! * attrs.strides[axis]!,
  )
  const tiled = covers && attrs.padding.every((cells) => cells === 0)
  const args = [...addresses, context.stride, ...sizes(attrs, x, y, context), parts, tiled ? 1 : 0]
  return [{ kernel, split: 'block', items: parts, args }]
}
