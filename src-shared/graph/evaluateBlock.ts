/** One block on known inputs: its output, weights, costs and receptive field. Pure; knows nothing of the graph around it. */
import { blockDefinition } from '../blocks/index'
import { checkParams } from '../blocks/paramValues'
import type { AnyBlockDefinition, IssueProposal, ParamSpecs, ParamsOf } from '../blocks/defineBlock'
import { fitIssueTexts } from '../issues/fitIssues'
import { shapeSize } from '../layout/shapeText'
import type { Pair, Shape } from '../ops'
import type { BlockFit } from './fit'
import { growField, mergeFields, pixelField } from './receptiveField'
import type { Block, ReceptiveField } from './types'

export interface EvaluatedBlock {
  fit: BlockFit
  issues: readonly IssueProposal[]
}

/** What arrives at one input. Unknown parts are null. */
export interface Arriving {
  shape: Shape | null
  field: ReceptiveField | null
}

function unknown(block: Block, arriving: readonly Arriving[]): BlockFit {
  return {
    id: block.id,
    type: block.type,
    inputs: arriving.flatMap(({ shape }) => (shape === null ? [] : [shape])),
    output: null,
    weights: null,
    params: null,
    trainable: null,
    macs: null,
    receptiveField: null,
    arithmetic: [],
    weightsFormula: null,
    neverRead: [0, 0],
  }
}

function settingProblems(block: Block): IssueProposal[] {
  const definition = blockDefinition(block.type)
  if (definition === undefined) return [{ code: 'UNKNOWN_BLOCK', details: { type: block.type } }]
  return checkParams(definition, block.params).problems.map(({ setting, expected, found }) => ({
    code: 'INVALID_SETTING',
    details: { setting, expected, found },
    repairs: [settingRepair(definition, block.id, setting)],
  }))
}

function settingRepair(definition: AnyBlockDefinition, blockId: string, setting: string) {
  const spec = Object.hasOwn(definition.params, setting) ? definition.params[setting] : undefined
  const label =
    spec === undefined
      ? `Remove the setting ${setting}`
      : `Set ${setting} to ${JSON.stringify(spec.default)}, the default`
  return { label, edits: [{ kind: 'setParams', blockId, params: { [setting]: spec?.default } }] } as const
}

function fieldAfter(
  definition: AnyBlockDefinition,
  context: { params: ParamsOf<ParamSpecs>; inputs: readonly Shape[]; output: Shape },
  arriving: readonly Arriving[],
  image: Pair | null,
): ReceptiveField | null {
  if (definition.inputs === 'none') return pixelField
  const fields = arriving.flatMap(({ field }) => (field === null ? [] : [field]))
  if (fields.length !== arriving.length) return null
  const merged = mergeFields(fields)
  const rule = definition.field?.(context) ?? { kind: 'same' }
  return merged === null ? null : growField(merged, rule, image)
}

/**
 * Evaluates a block. `arriving` lists its inputs in order, or is null while they are incomplete or too many.
 * `image` is height and width of the input block, null where unknown.
 */
export function evaluateBlock(
  block: Block,
  arriving: readonly Arriving[] | null,
  image: Pair | null,
): EvaluatedBlock {
  const fit = unknown(block, arriving ?? [])
  const definition = blockDefinition(block.type)
  if (definition === undefined) return { fit, issues: settingProblems(block) }
  const { values, problems } = checkParams(definition, block.params)
  if (problems.length > 0) return { fit, issues: settingProblems(block) }
  if (arriving === null || fit.inputs.length !== arriving.length) return { fit, issues: [] }

  const params = values as ParamsOf<ParamSpecs>
  const { inputs } = fit
  const result = definition.inferShape({ blockId: block.id, params, inputs })
  const issues = result.issues ?? []
  fit.arithmetic = result.arithmetic ?? []
  if (result.output === null) return { fit, issues }

  fit.output = result.output
  fit.neverRead = result.neverRead ?? [0, 0]
  const context = { params, inputs, output: result.output }
  fit.receptiveField = fieldAfter(definition, context, arriving, image)
  // A block that does not fit has an output others may build on, but its weights would be guesses.
  if (issues.some(({ code }) => fitIssueTexts[code].severity === 'error')) return { fit, issues }
  const weights = definition.weights?.(context) ?? []
  fit.weights = weights
  fit.params = weights.reduce((sum, weight) => sum + shapeSize(weight.shape), 0)
  fit.trainable = weights.reduce((sum, { shape, trainable }) => sum + (trainable ? shapeSize(shape) : 0), 0)
  fit.macs = definition.macs?.(context) ?? 0
  fit.weightsFormula = weights.length > 0 ? (definition.weightsFormula?.(context) ?? null) : null
  return { fit, issues }
}
