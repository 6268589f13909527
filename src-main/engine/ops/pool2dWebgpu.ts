/** What max and average pooling share on WebGPU: sizes as constants, one thread per value or per window. */
import type { Dispatch, KernelContext } from './webgpuKernel'
import type { PlanTensor } from '#shared/engine/plan'
import type { Pool2dAttrs } from '#shared/ops'
import { elementwise, mapConstants, type ShaderParts } from './webgpuShader'

type PoolParts = Omit<ShaderParts, 'work' | 'constants'>

function constants(attrs: Pool2dAttrs, x: PlanTensor, y: PlanTensor): Record<string, number> {
  return {
    ...mapConstants('X', x),
    ...mapConstants('Y', y),
    POOL_Y: attrs.poolSize[0],
    POOL_X: attrs.poolSize[1],
    STRIDE_Y: attrs.strides[0],
    STRIDE_X: attrs.strides[1],
    PAD_TOP: attrs.padding[0],
    PAD_LEFT: attrs.padding[2],
  }
}

/** `x`: the larger map, `y`: the pooled one (or their gradients); one thread per value of `over`. */
export function pool2d(
  context: KernelContext,
  attrs: Pool2dAttrs,
  x: PlanTensor,
  y: PlanTensor,
  over: PlanTensor,
  parts: PoolParts,
): Dispatch[] {
  const elements = context.batch * over.size
  const work = elements * (10 + attrs.poolSize[0] * attrs.poolSize[1] * 4)
  return [elementwise(context, { ...parts, constants: constants(attrs, x, y), elements, work })]
}

const mostCells = 16

/** Each pixel of `x` lies in exactly one window, and the windows are small enough to be written out cell by cell. */
export function isTiling({ poolSize, strides, padding }: Pool2dAttrs, x: PlanTensor, y: PlanTensor): boolean {
  const [height, width] = poolSize
  return (
    strides[0] === height &&
    strides[1] === width &&
    padding.every((pixels) => pixels === 0) &&
    x.shape[0] === y.shape[0]! * height &&
    x.shape[1] === y.shape[1]! * width &&
    height * width <= mostCells
  )
}

/**
 * For windows that tile the map, one thread per window: `parts.code` may use `i` (the window's place in `y`) and, for cell
 * j of the window, `cell<j>` (its place in `x`).
 */
export function tilingPool2d(
  context: KernelContext,
  attrs: Pool2dAttrs,
  x: PlanTensor,
  y: PlanTensor,
  parts: Omit<PoolParts, 'code'> & { code: (cells: readonly string[]) => string },
): Dispatch[] {
  const [height, width] = attrs.poolSize
  const places = Array.from(
    { length: height * width },
    (_, j) => `(${Math.floor(j / width)}u * X_WIDTH + ${j % width}u) * X_CHANNELS`,
  )
  const cells = places.map((_, j) => `cell${j}`)
  // Rows of windows of all images follow each other as the rows of pixels do.
  const code = `
fn compute(i: u32) {
  let window = i / X_CHANNELS;
  let row = window / Y_WIDTH;
  let column = window - row * Y_WIDTH;
  let first = (row * POOL_Y * X_WIDTH + column * POOL_X) * X_CHANNELS + i - window * X_CHANNELS;
  ${places.map((place, j) => `let cell${j} = first + ${place};`).join('\n  ')}
  ${parts.code(cells)}
}
`
  const elements = context.batch * y.size
  const work = elements * (10 + height * width * 4)
  return [elementwise(context, { ...parts, code, constants: constants(attrs, x, y), elements, work })]
}
