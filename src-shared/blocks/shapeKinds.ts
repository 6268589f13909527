/** Small checks shared by blocks: which kind of shape arrives. */
import type { Shape } from '../ops'
import { shapeSize } from '../layout/shapeText'
import type { InferResult } from './defineBlock'

export function isMap(shape: Shape): boolean {
  return shape.length === 3
}

export function isVector(shape: Shape): boolean {
  return shape.length === 1
}

/** The input of a block that takes exactly one. */
export function onlyInput(inputs: readonly Shape[]): Shape {
  const [input] = inputs
  if (input === undefined) throw new RangeError('a block with one input was evaluated without it')
  return input
}

/** The answer of a 2-D block to a vector. */
export function needsMap(label: string, input: Shape): InferResult {
  return {
    output: null,
    issues: [{ code: 'NEEDS_MAP', input: 0, details: { type: label, n: shapeSize(input) } }],
  }
}
