/** What can be wrong with a sliding window, and changes of the block's own settings that mend it. */
import type { Padding4, Pair, Shape } from '../ops'
import { shapeText } from '../layout/shapeText'
import type { BlockParams } from '../graph/types'
import type { IssueProposal, RepairProposal } from './defineBlock'
import { pairText, signedText, sizeFormula, type SlidingWindow } from './slidingWindow'

/** How a block names the settings of its window. */
export interface WindowNames {
  kernel: 'kernelSize' | 'poolSize'
  /** Whether windows may see only padding (convolution), or never (pooling). */
  pool: boolean
}

function set(blockId: string, label: string, params: BlockParams): RepairProposal {
  return { label, edits: [{ kind: 'setParams', blockId, params }] }
}

/** One number where both directions agree, as files are written. */
function pairValue(pair: Pair): number | Pair {
  return pair[0] === pair[1] ? pair[0] : pair
}

function largest(padding: Padding4): number {
  return Math.max(...padding)
}

function doesNotFit(blockId: string, input: Shape, window: SlidingWindow, names: WindowNames): IssueProposal {
  const direction = window.output[0] < 1 ? 0 : 1
  const [top, bottom, left, right] = window.padding
  const room: Pair = [window.input[0] + top + bottom, window.input[1] + left + right]
  const fitting = (direction_: 0 | 1) =>
    Math.min(window.kernel[direction_], Math.floor((room[direction_] - 1) / window.dilation[direction_]) + 1)
  const smaller: Pair = [fitting(0), fitting(1)]
  const repairs: RepairProposal[] = [set(blockId, 'Set padding to same', { padding: 'same' })]
  if (window.dilation.some((d) => d > 1)) repairs.push(set(blockId, 'Set dilation to 1', { dilation: 1 }))
  const word = names.pool ? 'pool size' : 'kernel size'
  repairs.push(
    set(blockId, `Reduce the ${word} to ${pairText(smaller)}`, { [names.kernel]: pairValue(smaller) }),
  )
  return {
    code: 'KERNEL_EXCEEDS_INPUT',
    input: 0,
    details: {
      kernel: pairText(window.effectiveKernel),
      input: shapeText(input),
      n: window.input[direction],
      padding: `${window.padding[direction * 2]}+${window.padding[direction * 2 + 1]}`,
      k: window.effectiveKernel[direction],
      stride: window.strides[direction],
      result: signedText(window.output[direction]),
    },
    repairs,
  }
}

function countText(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`
}

function pixelsLost(blockId: string, window: SlidingWindow, names: WindowNames): IssueProposal {
  const [rows, columns] = window.neverRead
  const lost = [
    ...(rows > 0 ? [countText(rows, 'row', 'rows')] : []),
    ...(columns > 0 ? [countText(columns, 'column', 'columns')] : []),
  ].join(' and ')
  // Far-edge padding that lets one more window fit, and a kernel that reaches the lost pixels.
  const padding = [...window.padding] as [number, number, number, number]
  const kernel: [number, number] = [...window.kernel]
  for (const direction of [0, 1] as const) {
    if (window.neverRead[direction] === 0) continue
    const before = window.padding[direction * 2] ?? 0
    const after = window.padding[direction * 2 + 1] ?? 0
    const room = window.input[direction] + before + after - window.effectiveKernel[direction]
    const rest = room % window.strides[direction]
    padding[direction * 2 + 1] = after + window.strides[direction] - rest
    kernel[direction] += Math.ceil(rest / window.dilation[direction])
  }
  const repairs = [set(blockId, 'Set padding to same', { padding: 'same' })]
  if (padding.every((side, i) => side < (window.effectiveKernel[i < 2 ? 0 : 1] ?? 0))) {
    const [top, bottom, left, right] = padding
    const label = `Set padding to top ${top}, bottom ${bottom}, left ${left}, right ${right}`
    repairs.push(set(blockId, label, { padding }))
  }
  const word = names.pool ? 'pool size' : 'kernel size'
  const edits: BlockParams = names.pool
    ? { poolSize: pairValue(kernel), strides: pairValue(window.strides) }
    : { kernelSize: pairValue(kernel) }
  repairs.push(set(blockId, `Enlarge the ${word} to ${pairText(kernel)}`, edits))
  const direction = rows > 0 ? 0 : 1
  return {
    code: 'PIXELS_NEVER_READ',
    details: { lost, arithmetic: sizeFormula(window, direction) },
    repairs,
  }
}

function clampPadding(window: SlidingWindow): Padding4 {
  const [vertical, horizontal] = window.effectiveKernel
  const [top, bottom, left, right] = window.padding
  return [
    Math.min(top, vertical - 1),
    Math.min(bottom, vertical - 1),
    Math.min(left, horizontal - 1),
    Math.min(right, horizontal - 1),
  ]
}

function reachesKernel(window: SlidingWindow): boolean {
  return clampPadding(window).some((side, i) => side < (window.padding[i] ?? 0))
}

function paddingRepairs(blockId: string, window: SlidingWindow): RepairProposal[] {
  const clamped = clampPadding(window)
  const repairs = [
    set(blockId, 'Set padding to same', { padding: 'same' }),
    set(blockId, 'Remove the padding', { padding: 'valid' }),
  ]
  if (largest(clamped) > 0) {
    const [top, bottom, left, right] = clamped
    const label = `Reduce padding to top ${top}, bottom ${bottom}, left ${left}, right ${right}`
    repairs.unshift(set(blockId, label, { padding: clamped }))
  }
  return repairs
}

/** Issues of a window over a map, with repairs that change only the block's own settings. */
export function windowIssues(
  blockId: string,
  input: Shape,
  window: SlidingWindow,
  names: WindowNames,
): IssueProposal[] {
  const issues: IssueProposal[] = []
  const paddingText = largest(window.padding)
  if (reachesKernel(window)) {
    issues.push(
      names.pool
        ? {
            code: 'PADDING_EXCEEDS_POOL',
            details: { padding: paddingText, pool: pairText(window.kernel) },
            repairs: paddingRepairs(blockId, window),
          }
        : {
            code: 'PADDING_EXCEEDS_KERNEL',
            details: { padding: paddingText, kernel: pairText(window.effectiveKernel) },
            repairs: paddingRepairs(blockId, window),
          },
    )
  }
  if (window.output[0] < 1 || window.output[1] < 1) {
    issues.push(doesNotFit(blockId, input, window, names))
    return issues
  }
  const skips = window.strides[0] > window.effectiveKernel[0] || window.strides[1] > window.effectiveKernel[1]
  if (skips && (window.kernel[0] > 1 || window.kernel[1] > 1)) {
    const strides: Pair = [
      Math.min(window.strides[0], window.effectiveKernel[0]),
      Math.min(window.strides[1], window.effectiveKernel[1]),
    ]
    issues.push({
      code: 'STRIDE_SKIPS_PIXELS',
      details: { stride: pairText(window.strides), kernel: pairText(window.effectiveKernel) },
      repairs: [set(blockId, `Reduce the stride to ${pairText(strides)}`, { strides: pairValue(strides) })],
    })
  }
  if (window.neverRead[0] > 0 || window.neverRead[1] > 0) issues.push(pixelsLost(blockId, window, names))
  return issues
}
