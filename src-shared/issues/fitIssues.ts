/** Fit issues of a graph: codes, severities and the texts people read. `{name}` stands for a detail. */
import { fillText, type ErrorDetails } from './errors'

export type Severity = 'error' | 'warning' | 'hint'

interface IssueText {
  severity: Severity
  text: string
}

export const fitIssueTexts = {
  NO_INPUT: {
    severity: 'error',
    text: 'The network has no input block. Add one: it says how large the images are.',
  },
  NO_OUTPUT: {
    severity: 'error',
    text: 'The network has no output block. Add one after the last dense block.',
  },
  SEVERAL_INPUTS: {
    severity: 'error',
    text: 'There are {count} input blocks; a network has exactly one. Remove the others.',
  },
  SEVERAL_OUTPUTS: {
    severity: 'error',
    text: 'There are {count} output blocks; a network has exactly one. Remove the others.',
  },
  UNKNOWN_BLOCK: {
    severity: 'error',
    text: 'This Interlock knows no block of type {type}. Remove it, or update Interlock.',
  },
  INVALID_SETTING: { severity: 'error', text: '{setting}: expected {expected}, found {found}.' },
  INVALID_CONNECTION: {
    severity: 'error',
    text: 'The connection from {from} to {to} does not work: {problem}.',
  },
  TOO_MANY_INPUTS: {
    severity: 'error',
    text: '{type} takes {expected}, but {count} connections arrive. Remove some, or merge them with add or concat first.',
  },
  NOT_CONNECTED: { severity: 'error', text: '{problem}' },
  CYCLE: {
    severity: 'error',
    text: 'The connections form a circle ({path}). Data must flow from input to output; remove one of them.',
  },
  KERNEL_EXCEEDS_INPUT: {
    severity: 'error',
    text: 'A {kernel} window does not fit into {input}: ({n} + {padding} − {k}) / {stride} + 1 = {result}, which is below 1.',
  },
  PADDING_EXCEEDS_POOL: {
    severity: 'error',
    text: 'Padding {padding} must be smaller than the pool size {pool}; otherwise some windows would see no pixel at all.',
  },
  CROP_EXCEEDS_INPUT: {
    severity: 'error',
    text: 'Cropping leaves nothing of {input}: {n} − ({before}+{after}) = {result}, which is below 1.',
  },
  GROUPS_DO_NOT_DIVIDE: {
    severity: 'error',
    text: '{groups} groups must divide both the {channels} channels that arrive and the {filters} filters evenly.',
  },
  DENSE_NEEDS_VECTOR: {
    severity: 'error',
    text: 'Dense needs a vector, but a {input} map arrives. Insert a flatten block ({n} numbers) before it.',
  },
  NEEDS_MAP: {
    severity: 'error',
    text: '{type} works on a map (height × width × channels), but a vector of {n} arrives.',
  },
  MERGE_SHAPES_DIFFER: { severity: 'error', text: '{type} needs {rule}, but these arrive: {inputs}.' },
  OUTPUT_NEEDS_VECTOR: {
    severity: 'error',
    text: 'Output needs a vector with one number per class, but a {input} map arrives.',
  },
  CLASS_COUNT_MISMATCH: {
    severity: 'error',
    text: 'The data has {expected} classes, but {found} numbers arrive at the output.',
  },
  BAND_COUNT_MISMATCH: {
    severity: 'error',
    text: 'The data has {expected} bands, but the input block has {found} channels.',
  },
  BATCH_NORM_SINGLE_VALUE: {
    severity: 'error',
    text: 'Batch normalisation needs more than one value per channel, but with a batch of 1 on a {input} map there is just one.',
  },
  SOFTMAX_TWICE: {
    severity: 'warning',
    text: 'The output block applies softmax itself, so this softmax runs twice and learning slows down. Remove it.',
  },
  PIXELS_NEVER_READ: {
    severity: 'warning',
    text: '{lost} of the map are never read: the window does not reach them ({arithmetic}).',
  },
  PARAMETER_EXPLOSION: {
    severity: 'warning',
    text: 'This block alone has {params} parameters ({formula}). Make the map before it smaller, for instance by pooling.',
  },
  UNUSED_BLOCK: {
    severity: 'warning',
    text: 'This block is not on a path from input to output; training ignores it.',
  },
  RECEPTIVE_FIELD_SMALL: {
    severity: 'hint',
    text: 'Each number here sees {field} pixels of the {input} image. More layers, stride or pooling would let it see more.',
  },
  STRIDE_SKIPS_PIXELS: {
    severity: 'hint',
    text: 'Stride {stride} is larger than the {kernel} window, so some pixels are skipped.',
  },
  PADDING_EXCEEDS_KERNEL: {
    severity: 'hint',
    text: 'Padding {padding} is as large as the {kernel} window, so some windows see only padding.',
  },
  GREY_FROM_COLOUR: {
    severity: 'hint',
    text: 'The images have colour, but the input block has one channel: they become grey.',
  },
} as const satisfies Record<string, IssueText>

export type FitIssueCode = keyof typeof fitIssueTexts

export function fitIssueMessage(code: FitIssueCode, details: ErrorDetails): string {
  return fillText(fitIssueTexts[code].text, details)
}
