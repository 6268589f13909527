/** The plan as text, for people and snapshot tests: one line per tensor and per pass. */
import type { Pass, Plan, PlanTensor } from '#shared/engine/plan'
import { shapeText } from '#shared/layout/shapeText'

function attrText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.join(' ')}]`
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function passText(pass: Pass, tensors: readonly PlanTensor[]): string {
  const names = (ids: readonly number[]): string => ids.map((id) => tensors[id]!.name).join(', ')
  const attrs = Object.entries(pass.attrs).map(([key, value]) => `${key}=${attrText(value)}`)
  return `  ${names(pass.outputs)} ← ${pass.kernel}(${names(pass.inputs)})${attrs.length ? `  ${attrs.join(' ')}` : ''}`
}

function tensorText(tensor: PlanTensor): string {
  return `  ${tensor.name}  ${shapeText(tensor.shape)}  @${tensor.offset}+${tensor.size}`
}

export function printPlan(plan: Plan): string {
  const lines = [
    `plan: batch ${plan.batchSize}, input ${shapeText(plan.input)}, ${plan.classes} classes, seed ${plan.seed}`,
    `optimizer: ${plan.optimizer ? JSON.stringify(plan.optimizer) : 'none'}`,
  ]
  if (plan.clipNorm !== null) lines.push(`gradients clipped to norm ${plan.clipNorm}`)
  for (const [arena, floats] of Object.entries(plan.arenas)) {
    lines.push(`${arena}: ${floats} floats${arena === 'activations' ? ' per image' : ''}`)
    for (const tensor of plan.tensors) if (tensor.arena === arena) lines.push(tensorText(tensor))
  }
  for (const mode of ['train', 'infer'] as const) {
    lines.push(`${mode}: ${plan[mode].length} passes`)
    for (const pass of plan[mode]) lines.push(passText(pass, plan.tensors))
  }
  return lines.join('\n') + '\n'
}
