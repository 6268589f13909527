/**
 * Result types of the fit check (`inferShapes`): what every block puts out, and everything that does not fit.
 * Unknown numbers are null, never guessed.
 */
import type { Shape } from '../ops'
import type { ShapeFormula, WeightSpec } from '../blocks/defineBlock'
import type { FitIssueCode, Severity } from '../issues/fitIssues'
import type { Connection, GraphEdit, ReceptiveField } from './types'

/** A repair with its consequences, found by trying it on a copy of the graph. */
export interface Repair {
  label: string
  edits: readonly GraphEdit[]
  /** Output shape afterwards, of the block that was put in or else of the mended one; null where it is unknown. */
  result: Shape | null
  /** What was there before: the output of the mended block, or what arrives at the one put in; null where it is unknown. */
  before: Shape | null
  /** Change of the network's parameter count; null where either is unknown. */
  paramChange: number | null
  /** Parameters of the network afterwards; null where unknown. */
  paramsAfter: number | null
  /** Errors of the whole network that are left afterwards. */
  errorsAfter: number
}

export interface FitIssue {
  code: FitIssueCode
  severity: Severity
  /** The block at which to show it; null for issues of the whole graph. */
  blockId: string | null
  /** The connection that does not fit, where there is one. */
  connection: Connection | null
  message: string
  /** Best first. Worked out when first read, so that a report is there at once; otherwise plain data. */
  readonly repairs: readonly Repair[]
}

export interface BlockFit {
  id: string
  type: string
  inputs: readonly Shape[]
  output: Shape | null
  /** Weights with shapes; null where the input is unknown. */
  weights: readonly WeightSpec[] | null
  params: number | null
  trainable: number | null
  macs: number | null
  receptiveField: ReceptiveField | null
  arithmetic: readonly ShapeFormula[]
  weightsFormula: string | null
  /** Rows and columns at the far edge that no window reads (`PIXELS_NEVER_READ`), `[rows, columns]` of the input map. */
  neverRead: readonly [number, number]
}

/** What the data asks of the network, once it is chosen. */
export interface DataRequirements {
  classes: number
  bands: number
  /** They were chosen or measured one by one: no grey or colour is made of them. */
  exactBands?: boolean
  colour: boolean
  batchSize?: number
}

export interface FitReport {
  fits: boolean
  totals: { params: number | null; trainable: number | null; macs: number | null }
  /** In topological order where there is one, else in file order. */
  blocks: readonly BlockFit[]
  issues: readonly FitIssue[]
  /** Ids of blocks on a path from input to output, in topological order. Empty while the graph does not fit. */
  order: readonly string[]
}
