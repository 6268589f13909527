/** How a block's numbers come about, written out: for whoever looks at one block, so not part of the report of every edit. */
import type { FieldRule, ParamSpecs, ParamsOf, ShapeFormula } from '../blocks/defineBlock'
import { blockDefinition } from '../blocks/index'
import { checkParams } from '../blocks/paramValues'
import { shapeText } from '../layout/shapeText'
import type { BlockFit } from './fit'
import { mergeFields } from './receptiveField'
import type { Block, ReceptiveField } from './types'

export interface Explanation {
  /** The size rule, one line a dimension. */
  size: readonly ShapeFormula[]
  /** The parameter count, e.g. `5·5·1·6 + 6`; null without weights, and where it is unknown. */
  params: string | null
  /** The multiply-adds, e.g. `28·28 · 5·5·1·6`; null where there are none, and where they are unknown. */
  macs: string | null
  /** The receptive field, and the step from one number to the next, in pixels of the image. */
  field: readonly ShapeFormula[]
}

function fieldText({ size }: ReceptiveField): string {
  return shapeText(size)
}

const directions = [
  [0, 'rows'],
  [1, 'columns'],
] as const

/** Both directions in one line where they agree. */
function alongBoth(label: string, line: (direction: 0 | 1) => string): ShapeFormula[] {
  const lines = directions.map(([direction, name]) => ({ name, text: line(direction) }))
  return lines[0]?.text === lines[1]?.text
    ? [{ label, text: lines[0]?.text ?? '' }]
    : lines.map(({ name, text }) => ({ label: `${label}, ${name}`, text }))
}

function windowField(
  before: ReceptiveField,
  stride: readonly [number, number],
  rule: Extract<FieldRule, { kind: 'window' }>,
): ShapeFormula[] {
  const grows = rule.effectiveKernel.some((k) => k > 1)
  const steps = rule.strides.some((s) => s > 1)
  return [
    ...(grows
      ? alongBoth('Field', (d) => {
          const size = before.size[d] + (rule.effectiveKernel[d] - 1) * stride[d]
          return `${before.size[d]} + (${rule.effectiveKernel[d]} − 1) · ${stride[d]} = ${size}`
        })
      : [{ label: 'Field', text: `${fieldText(before)}, as before` }]),
    ...(steps
      ? alongBoth('Step', (d) => `${stride[d]} · ${rule.strides[d]} = ${stride[d] * rule.strides[d]}`)
      : alongBoth('Step', (d) => `${stride[d]}, as before`)),
  ]
}

function fieldFormulas(
  rule: FieldRule,
  arriving: readonly ReceptiveField[],
  field: ReceptiveField,
): ShapeFormula[] {
  const whole = { label: 'Field', text: `the whole image, ${fieldText(field)}` }
  const before = mergeFields(arriving)
  if (before === null) return [{ label: 'Field', text: 'one pixel' }]
  if (rule.kind === 'whole' || before.stride === null) return [whole]
  const merge =
    arriving.length > 1
      ? [{ label: 'Field', text: `${arriving.map(fieldText).join(' and ')} together = ${fieldText(before)}` }]
      : []
  if (rule.kind === 'window') return windowField(before, before.stride, rule)
  if (merge.length > 0) return merge
  return [{ label: 'Field', text: `${fieldText(field)}, as before` }]
}

/** Blocks that have no size rule of their own change numbers one by one, or add them up. */
function plainSize({ inputs, output }: BlockFit): ShapeFormula[] {
  if (output === null) return []
  const text = shapeText(output)
  if (inputs.length === 0) return [{ label: 'Size', text: `${text}, as set` }]
  if (inputs.length === 1) return [{ label: 'Size', text: `${text}, as it arrives` }]
  return [{ label: 'Size', text: `${inputs.map(shapeText).join(' + ')}, number by number = ${text}` }]
}

/** Explains `block` with its fit and the receptive fields that arrive at it, in the order of its inputs. */
export function explainBlock(
  block: Block,
  fit: BlockFit,
  arriving: readonly (ReceptiveField | null)[],
): Explanation {
  const definition = blockDefinition(block.type)
  const size = fit.arithmetic.length > 0 ? fit.arithmetic : plainSize(fit)
  const nothing = { size, params: null, macs: null, field: [] }
  if (definition === undefined || fit.output === null) return nothing
  const { values, problems } = checkParams(definition, block.params)
  if (problems.length > 0) return nothing
  const params = values as ParamsOf<ParamSpecs>
  const context = { params, inputs: fit.inputs, output: fit.output }
  const known = arriving.flatMap((field) => (field === null ? [] : [field]))
  const rule: FieldRule = definition.field?.(context) ?? { kind: 'same' }
  return {
    size,
    params: fit.weightsFormula,
    macs: fit.macs === null || fit.macs === 0 ? null : (definition.macsFormula?.(context) ?? null),
    field:
      fit.receptiveField === null || known.length !== arriving.length
        ? []
        : fieldFormulas(rule, known, fit.receptiveField),
  }
}
