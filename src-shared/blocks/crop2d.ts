import { shapeText } from '../layout/shapeText'
import type { Padding4 } from '../ops'
import { defineBlock, type IssueProposal } from './defineBlock'
import { isMap, needsMap, onlyInput } from './shapeKinds'
import { fourSides, signedText } from './slidingWindow'

/** Sides that leave one row or column at least, taken evenly from where too much is cut. */
function fitting(cropping: Padding4, height: number, width: number): Padding4 {
  const along = (before: number, after: number, n: number): [number, number] => {
    const first = Math.min(before, Math.floor((n - 1) / 2))
    return before + after < n ? [before, after] : [first, Math.min(after, n - 1 - first)]
  }
  const [top, bottom, left, right] = cropping
  return [...along(top, bottom, height), ...along(left, right, width)]
}

function leavesNothing(
  blockId: string,
  cropping: Padding4,
  input: readonly [number, number, number],
): IssueProposal {
  const [height, width] = input
  const [top, bottom, left, right] = cropping
  const rows = height - top - bottom < 1
  const [n, before, after] = rows ? [height, top, bottom] : [width, left, right]
  const sides = fitting(cropping, height, width)
  const [t, b, l, r] = sides
  const label = `Reduce the cropping to top ${t}, bottom ${b}, left ${l}, right ${r}`
  return {
    code: 'CROP_EXCEEDS_INPUT',
    input: 0,
    details: { input: shapeText(input), n, before, after, result: signedText(n - before - after) },
    repairs: [{ label, edits: [{ kind: 'setParams', blockId, params: { cropping: sides } }] }],
  }
}

export const crop2d = defineBlock({
  type: 'crop2d',
  version: 1,
  label: 'Crop',
  description:
    'Cuts rows and columns off the edges of the map, for instance to join it with the smaller map of another branch.',
  params: {
    cropping: {
      kind: 'padding',
      label: 'Cut off',
      help: 'Rows and columns taken away at the top, bottom, left and right.',
      default: [1, 1, 1, 1],
      modes: [],
      max: 1024,
    },
  },
  inputs: 'one',
  hasOutput: true,
  inferShape({ blockId, params, inputs }) {
    const input = onlyInput(inputs)
    if (!isMap(input)) return needsMap('Crop', input)
    const map = input as readonly [number, number, number]
    const [height, width, channels] = map
    const cropping = fourSides(params.cropping)
    const [top, bottom, left, right] = cropping
    const output: [number, number] = [height - top - bottom, width - left - right]
    const arithmetic = [
      { label: 'Height', text: `${height} − (${top}+${bottom}) = ${signedText(output[0])}` },
      { label: 'Width', text: `${width} − (${left}+${right}) = ${signedText(output[1])}` },
    ]
    if (output[0] < 1 || output[1] < 1) {
      return { output: null, issues: [leavesNothing(blockId, cropping, map)], arithmetic }
    }
    return { output: [...output, channels], arithmetic }
  },
  field({ params }) {
    const [top, , left] = fourSides(params.cropping)
    return { kind: 'window', effectiveKernel: [1, 1], strides: [1, 1], before: [-top, -left] }
  },
  lower: ({ params, output }) => [
    {
      op: 'crop2d',
      attrs: { padding: fourSides(params.cropping) },
      from: [{ input: 0 }],
      weights: {},
      output,
    },
  ],
  palette: { group: 'shape', icon: 'Crop' },
  summary: (params) => fourSides(params.cropping).join(', '),
})
