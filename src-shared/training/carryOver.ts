/** Which weights of an earlier run fit a changed network: those of the same block and name whose shape is the same. */
import type { FitReport } from '../graph/fit'
import { sameShape } from '../layout/shapeText'
import type { Shape } from '../ops'

export interface WeightFate {
  /** `<block>/<weight>`. */
  name: string
  shape: Shape
  /** Its shape in the earlier run; null where that had none of this name. */
  before: Shape | null
  carried: boolean
}

export interface CarryOver {
  /** Every weight of the new network, in its order. */
  weights: readonly WeightFate[]
  /** Weights of the earlier run that have no place any more. */
  left: readonly { name: string; shape: Shape }[]
}

/** The weights that training a network uses, by name. Empty while it does not fit. */
export function weightShapes({ blocks, order }: FitReport): Map<string, Shape> {
  const fits = new Map(blocks.map((fit) => [fit.id, fit]))
  const shapes = new Map<string, Shape>()
  for (const id of order) {
    for (const { name, shape } of fits.get(id)?.weights ?? []) shapes.set(`${id}/${name}`, shape)
  }
  return shapes
}

export function carryOver(before: ReadonlyMap<string, Shape>, after: ReadonlyMap<string, Shape>): CarryOver {
  const weights = [...after].map(([name, shape]) => {
    const old = before.get(name) ?? null
    return { name, shape, before: old, carried: old !== null && sameShape(old, shape) }
  })
  const left = [...before].flatMap(([name, shape]) => (after.has(name) ? [] : [{ name, shape }]))
  return { weights, left }
}
