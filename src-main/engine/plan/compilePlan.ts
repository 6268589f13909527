import type { Plan } from '#shared/engine/plan'
import type { Graph } from '#shared/graph/types'
import { compileNetwork, type PlanOptions } from './compileNetwork'
import { lowerGraph } from './lowerGraph'

/**
 * A fitting graph as a static plan: all passes of a training and of an inference step, and the place of every tensor.
 * `optimizer` null makes a plan for inference only. Throws PROJECT_DOES_NOT_FIT.
 */
export function compilePlan(graph: Graph, options: PlanOptions): Plan {
  return compileNetwork(lowerGraph(graph), options)
}
