/** Which repairs to try for which issue. The table is total: a new issue code must say what mends it, if anything. */
import type { RepairProposal } from '../../blocks/defineBlock'
import type { FitIssueCode } from '../../issues/fitIssues'
import type { CheckedGraph, RawIssue } from '../checkGraph'
import { bandCount, classCount, removeBatchNorm, useColour } from './dataRepairs'
import {
  addInput,
  addOutput,
  breakCycle,
  keepOne,
  mendConnection,
  notConnected,
  removeUnknown,
  removeUnused,
  tooManyInputs,
} from './endRepairs'
import { mergeSizes } from './mergeRepairs'
import {
  cropExceeds,
  denseNeedsVector,
  explodes,
  kernelExceeds,
  needsMap,
  outputNeedsVector,
  removeSoftmax,
  widenField,
} from './shapeRepairs'

type Propose = (checked: CheckedGraph, issue: RawIssue) => readonly RepairProposal[]

/** Repairs that change only the block's own settings come from the block itself. */
const own: Propose = (_checked, issue) => issue.proposals

const proposers: Readonly<Record<FitIssueCode, Propose>> = {
  NO_INPUT: addInput,
  NO_OUTPUT: addOutput,
  SEVERAL_INPUTS: keepOne('input'),
  SEVERAL_OUTPUTS: keepOne('output'),
  UNKNOWN_BLOCK: removeUnknown,
  INVALID_SETTING: own,
  INVALID_CONNECTION: mendConnection,
  TOO_MANY_INPUTS: tooManyInputs,
  NOT_CONNECTED: notConnected,
  CYCLE: breakCycle,
  KERNEL_EXCEEDS_INPUT: kernelExceeds,
  PADDING_EXCEEDS_POOL: own,
  CROP_EXCEEDS_INPUT: cropExceeds,
  GROUPS_DO_NOT_DIVIDE: own,
  DENSE_NEEDS_VECTOR: denseNeedsVector,
  NEEDS_MAP: needsMap,
  MERGE_SHAPES_DIFFER: mergeSizes,
  OUTPUT_NEEDS_VECTOR: outputNeedsVector,
  CLASS_COUNT_MISMATCH: classCount,
  BAND_COUNT_MISMATCH: bandCount,
  BATCH_NORM_SINGLE_VALUE: removeBatchNorm,
  SOFTMAX_TWICE: removeSoftmax,
  PIXELS_NEVER_READ: own,
  PARAMETER_EXPLOSION: explodes,
  UNUSED_BLOCK: removeUnused,
  RECEPTIVE_FIELD_SMALL: widenField,
  STRIDE_SKIPS_PIXELS: own,
  PADDING_EXCEEDS_KERNEL: own,
  GREY_FROM_COLOUR: useColour,
}

export function proposeRepairs(checked: CheckedGraph, issue: RawIssue): readonly RepairProposal[] {
  return proposers[issue.code](checked, issue)
}
