/** What max and average pooling share on WebGPU: sizes as constants, one thread per value. */
import type { Dispatch, KernelContext } from './webgpuKernel'
import type { PlanTensor } from '#shared/engine/plan'
import type { Pool2dAttrs } from '#shared/ops'
import { elementwise, mapConstants, type ShaderParts } from './webgpuShader'

/** `x`: the larger map, `y`: the pooled one (or their gradients); one thread per value of `over`. */
export function pool2d(
  context: KernelContext,
  attrs: Pool2dAttrs,
  x: PlanTensor,
  y: PlanTensor,
  over: PlanTensor,
  parts: Omit<ShaderParts, 'work' | 'constants'>,
): Dispatch[] {
  const elements = context.batch * over.size
  const constants = {
    ...mapConstants('X', x),
    ...mapConstants('Y', y),
    POOL_Y: attrs.poolSize[0],
    POOL_X: attrs.poolSize[1],
    STRIDE_Y: attrs.strides[0],
    STRIDE_X: attrs.strides[1],
    PAD_TOP: attrs.padding[0],
    PAD_LEFT: attrs.padding[2],
  }
  const work = elements * (10 + attrs.poolSize[0] * attrs.poolSize[1] * 4)
  return [elementwise(context, { ...parts, constants, elements, work })]
}
