import { shapeSize } from '#shared/layout/shapeText'
import type { KernelAttrs } from '#shared/engine/plan'
import type { ReferenceKernel, ReferenceStep, ReferenceTensor } from '../referenceKernel'
import { dropoutKeeps, dropoutKey, dropoutThreshold } from './dropoutMask'

/** to = mask · from / (1 − rate); the mask is a function of seed, stream, step and position (`dropoutMask.ts`). */
function applyMask(
  from: ReferenceTensor,
  to: ReferenceTensor,
  { rate, stream }: KernelAttrs['dropout'],
  { count, seed, step }: ReferenceStep,
): void {
  const key = dropoutKey(seed, stream, step)
  const threshold = dropoutThreshold(rate)
  for (let i = 0; i < count * shapeSize(from.shape); i++) {
    to.data[i] = dropoutKeeps(key, threshold, i) ? from.data[i]! / (1 - rate) : 0
  }
}

export const dropout: ReferenceKernel<'dropout'> = ([x], [y], attrs, step) => applyMask(x!, y!, attrs, step)

export const dropoutGrad: ReferenceKernel<'dropoutGrad'> = ([dy], [dx], attrs, step) =>
  applyMask(dy!, dx!, attrs, step)
