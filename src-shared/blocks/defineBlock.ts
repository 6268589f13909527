/**
 * One block type, defined once. The inspector's form, validation, the file schema, the fit check, the parameter count,
 * the compiled plan and the exports all derive from this object.
 */
import type { LoweredOp, Shape } from '../ops'
import type { FitIssueCode } from '../issues/fitIssues'
import type { ErrorDetails } from '../issues/errors'
import type { GraphEdit, ReceptiveField } from '../graph/types'

export type BlockGroup =
  'io' | 'convolution' | 'pooling' | 'activation' | 'regularisation' | 'shape' | 'merge'

/** A setting of a block. `label` and `help` are shown in the inspector; `help` uses the lecture's words. */
export type ParamSpec = {
  label: string
  help: string
  /** Shown only while this holds, e.g. the slope only for leakyRelu. */
  visible?: (params: Readonly<Record<string, unknown>>) => boolean
} & (
  | { kind: 'integer'; default: number; min: number; max: number }
  | {
      kind: 'number'
      default: number
      min: number
      max: number
      exclusiveMin?: boolean
      exclusiveMax?: boolean
    }
  | { kind: 'boolean'; default: boolean }
  | { kind: 'choice'; default: string; options: readonly { value: string; label: string }[] }
  /** One number for both directions, or `[vertical, horizontal]`. `nullable`: null means "as the pool size". */
  | {
      kind: 'pair'
      default: number | readonly [number, number] | null
      min: number
      max: number
      nullable?: string
    }
  /** `"valid"`, `"same"` or `[top, bottom, left, right]`; `modes` empty allows only the four numbers. */
  | {
      kind: 'padding'
      default: 'valid' | 'same' | readonly [number, number, number, number]
      modes: readonly ('valid' | 'same')[]
      max: number
    }
)

export type ParamSpecs = Readonly<Record<string, ParamSpec>>

/** Value type of a setting, read off its spec. */
export type ParamValue<S extends ParamSpec> = S extends { kind: 'integer' | 'number' }
  ? number
  : S extends { kind: 'boolean' }
    ? boolean
    : S extends { kind: 'choice' }
      ? S['options'][number]['value']
      : S extends { kind: 'pair'; nullable: string }
        ? number | readonly [number, number] | null
        : S extends { kind: 'pair' }
          ? number | readonly [number, number]
          : S extends { kind: 'padding' }
            ? 'valid' | 'same' | readonly [number, number, number, number]
            : never

export type ParamsOf<P extends ParamSpecs> = { readonly [K in keyof P]: ParamValue<P[K]> }

/** A way to mend an issue: plain edits. `result` and `paramChange` are filled in by the fit check by trying it. */
export interface RepairProposal {
  label: string
  edits: readonly GraphEdit[]
}

export interface IssueProposal {
  code: FitIssueCode
  details: ErrorDetails
  /** Index of the input whose connection does not fit; it is drawn red. */
  input?: number
  repairs?: readonly RepairProposal[]
}

/** What a block sees when its output is worked out. */
export interface InferContext<P> {
  blockId: string
  params: P
  /** Shapes arriving, in input order. Blocks with one input have exactly one. */
  inputs: readonly Shape[]
}

export type InferResult =
  | {
      output: Shape
      issues?: readonly IssueProposal[]
      arithmetic?: readonly ShapeFormula[]
      /** Rows and columns at the far edge that no window reads. */
      neverRead?: readonly [number, number]
    }
  | { output: null; issues: readonly IssueProposal[]; arithmetic?: readonly ShapeFormula[] }

/** A line of written-out arithmetic for the inspector, e.g. `Height`, `(28 + 2+2 − 5) / 1 + 1 = 28`. */
export interface ShapeFormula {
  label: string
  text: string
}

export type Initialiser = 'glorotUniform' | 'zeros' | 'ones'

/** A weight tensor of a block. For Glorot, fanIn and fanOut are in numbers, receptive field included (Keras). */
export interface WeightSpec {
  name: string
  shape: readonly number[]
  trainable: boolean
  initialiser: Initialiser
  fanIn?: number
  fanOut?: number
}

export interface ShapeContext<P> {
  params: P
  inputs: readonly Shape[]
  output: Shape
}

/** How the receptive field grows: a window that moves, the whole input, or unchanged. */
export type FieldRule =
  | { kind: 'same' }
  | { kind: 'whole' }
  | {
      kind: 'window'
      effectiveKernel: readonly [number, number]
      strides: readonly [number, number]
      before: readonly [number, number]
    }

export interface BlockDefinition<P extends ParamSpecs = ParamSpecs> {
  type: string
  version: number
  label: string
  /** One or two sentences, in the lecture's words. */
  description: string
  params: P
  /** How many connections arrive. */
  inputs: 'none' | 'one' | 'many'
  hasOutput: boolean
  inferShape(context: InferContext<ParamsOf<P>>): InferResult
  weights?(context: ShapeContext<ParamsOf<P>>): readonly WeightSpec[]
  /** The parameter count written out, e.g. `5·5·1·6 + 6`. */
  weightsFormula?(context: ShapeContext<ParamsOf<P>>): string
  macs?(context: ShapeContext<ParamsOf<P>>): number
  /** The multiply-adds written out, e.g. `28·28 · 5·5·1·6`; wherever `macs` is. */
  macsFormula?(context: ShapeContext<ParamsOf<P>>): string
  field?(context: ShapeContext<ParamsOf<P>>): FieldRule
  lower(context: ShapeContext<ParamsOf<P>>): readonly LoweredOp[]
  palette: { group: BlockGroup; icon: string }
  /** The few settings that matter most, shown on the block itself, e.g. `5×5, 6 filters, same`. */
  summary?(params: ParamsOf<P>): string
}

/** A definition whose setting types are forgotten, as lists and the fit check hold it. */
export type AnyBlockDefinition = BlockDefinition<ParamSpecs>

/** Checks the definition's types against its settings and forgets them for lists. */
export function defineBlock<const P extends ParamSpecs>(definition: BlockDefinition<P>): AnyBlockDefinition {
  return definition as unknown as AnyBlockDefinition
}

export type { ReceptiveField }
