/** What convolutions and dense layers work on. */
import type { PlanTensor } from '#shared/engine/plan'
import type { Conv2dAttrs } from '#shared/ops'

export interface ConvTensors {
  x: PlanTensor
  y: PlanTensor
  kernel: PlanTensor
}

export type ConvAttrs = Omit<Conv2dAttrs, 'filters' | 'useBias'>

/** A dense layer is a convolution of a 1×1 map. */
export const denseAttrs: ConvAttrs = {
  kernelSize: [1, 1],
  strides: [1, 1],
  padding: [0, 0, 0, 0],
  dilation: [1, 1],
  groups: 1,
}

/** Height, width and channels; a vector is a 1×1 map. */
export function mapShape({ shape, size }: PlanTensor): [number, number, number] {
  return shape.length === 3 ? [shape[0]!, shape[1]!, shape[2]!] : [1, 1, size]
}
