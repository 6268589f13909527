/**
 * Receptive fields in input pixels, unclipped (blocks.md): `r_out = r + (k' − 1) · j`, `j_out = j · s`,
 * `start_out = start − p0 · j`. A merge sees the bounding union of its inputs.
 */
import type { Pair } from '../ops'
import type { FieldRule } from '../blocks/defineBlock'
import type { ReceptiveField } from './types'

export const pixelField: ReceptiveField = { size: [1, 1], stride: [1, 1], start: [0, 0] }

function pair(along: (direction: 0 | 1) => number): Pair {
  return [along(0), along(1)]
}

/** The field after a block; `image` is height and width of the input block. Null where it is unknown. */
export function growField(field: ReceptiveField, rule: FieldRule, image: Pair | null): ReceptiveField | null {
  if (rule.kind === 'same') return field
  if (rule.kind === 'whole') return image === null ? null : { size: image, stride: null, start: [0, 0] }
  const { size, stride, start } = field
  if (stride === null) return field
  return {
    size: pair((d) => size[d] + (rule.effectiveKernel[d] - 1) * stride[d]),
    stride: pair((d) => stride[d] * rule.strides[d]),
    start: pair((d) => start[d] - rule.before[d] * stride[d]),
  }
}

/** Bounding union of the fields that meet in a merge; the coarser stride counts. */
export function mergeFields(fields: readonly ReceptiveField[]): ReceptiveField | null {
  const [first, ...others] = fields
  if (first === undefined) return null
  return others.reduce((a, b) => {
    const start = pair((d) => Math.min(a.start[d], b.start[d]))
    const size = pair((d) => Math.max(a.start[d] + a.size[d], b.start[d] + b.size[d]) - start[d])
    const [aStride, bStride] = [a.stride, b.stride]
    const stride = aStride === null || bStride === null ? null : pair((d) => Math.max(aStride[d], bStride[d]))
    return { size, stride, start }
  }, first)
}
