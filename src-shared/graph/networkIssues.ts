/** Issues that need more than one block to see: what the data asks for, softmax twice, too many weights, small fields. */
import { checkParams } from '../blocks/paramValues'
import { blockDefinition } from '../blocks/index'
import type { FitIssueCode } from '../issues/fitIssues'
import type { ErrorDetails } from '../issues/errors'
import { shapeText } from '../layout/shapeText'
import type { CheckedGraph, RawIssue } from './checkGraph'
import { blocksOfType } from './graphIndex'
import type { BlockFit } from './fit'
import type { Block, Connection } from './types'

const explosion = 10_000_000

function issue(
  code: FitIssueCode,
  details: ErrorDetails,
  blockId: string,
  connection: Connection | null = null,
): RawIssue {
  return { code, blockId, connection, details, proposals: [] }
}

/** A setting's value with its default filled in; undefined for unknown blocks. */
export function paramOf(block: Block, name: string): unknown {
  const definition = blockDefinition(block.type)
  return definition === undefined ? undefined : checkParams(definition, block.params).values[name]
}

/** Bands that images can be turned into: any number as itself, up to four of a picture also as grey or colour. */
function bandsFit(bands: number, exact: boolean, channels: number): boolean {
  return bands === channels || (!exact && bands <= 4 && (channels === 1 || channels === 3))
}

function inputIssues({ index, fits, requirements }: CheckedGraph): RawIssue[] {
  const { bands, exactBands = false, colour } = requirements
  return blocksOfType(index, 'input').flatMap(({ id }) => {
    const channels = fits.get(id)?.output?.[2]
    if (channels === undefined) return []
    return [
      ...(bands !== undefined && !bandsFit(bands, exactBands, channels)
        ? [issue('BAND_COUNT_MISMATCH', { expected: bands, found: channels }, id)]
        : []),
      ...(colour === true && channels === 1 ? [issue('GREY_FROM_COLOUR', {}, id)] : []),
    ]
  })
}

function outputIssues({ index, fits, requirements }: CheckedGraph): RawIssue[] {
  const { classes } = requirements
  return blocksOfType(index, 'output').flatMap((output) => {
    const found = fits.get(output.id)?.output?.[0]
    const connection = index.incoming(output.id)[0] ?? null
    const mismatch = classes !== undefined && found !== undefined && found !== classes
    return [
      ...(mismatch
        ? [issue('CLASS_COUNT_MISMATCH', { expected: classes, found }, output.id, connection)]
        : []),
      ...softmaxBefore({ index }, output),
    ]
  })
}

/** A softmax that reaches the output through flatten and dropout only. */
function softmaxBefore({ index }: Pick<CheckedGraph, 'index'>, output: Block): RawIssue[] {
  const seen = new Set<string>()
  let at: Block | undefined = output
  while (at !== undefined && !seen.has(at.id)) {
    seen.add(at.id)
    const [connection, ...more] = index.incoming(at.id)
    if (connection === undefined || more.length > 0) return []
    at = index.blocks.get(connection.from)
    if (at === undefined) return []
    const softmax = paramOf(at, at.type === 'activation' ? 'kind' : 'activation') === 'softmax'
    if (softmax) return [issue('SOFTMAX_TWICE', {}, at.id)]
    if (at.type !== 'flatten' && at.type !== 'dropout') return []
  }
  return []
}

function fieldIssue(checked: CheckedGraph, block: Block, fit: BlockFit): RawIssue[] {
  if (block.type !== 'globalAvgPool2d') return []
  const [connection] = checked.index.incoming(block.id)
  const field = connection && checked.fits.get(connection.from)?.receptiveField
  // The field after global pooling is the whole image.
  const image = fit.receptiveField?.size
  if (!field || image === undefined || field.stride === null) return []
  const small = field.size[0] * 2 < image[0] || field.size[1] * 2 < image[1]
  if (!small) return []
  const details = { field: shapeText(field.size), input: shapeText(image) }
  return [issue('RECEPTIVE_FIELD_SMALL', details, block.id)]
}

function batchNormIssue({ requirements }: CheckedGraph, block: Block, fit: BlockFit): RawIssue[] {
  if (block.type !== 'batchNorm' || requirements.batchSize !== 1) return []
  const [input] = fit.inputs
  if (fit.output === null || input === undefined || paramOf(block, 'trainable') !== true) return []
  const places = input.slice(0, -1).reduce((product, n) => product * n, 1)
  if (places > 1) return []
  return [issue('BATCH_NORM_SINGLE_VALUE', { input: shapeText(input) }, block.id)]
}

export function networkIssues(checked: CheckedGraph): RawIssue[] {
  const issues = [...inputIssues(checked), ...outputIssues(checked)]
  for (const [id, fit] of checked.fits) {
    const block = checked.index.blocks.get(id)
    if (block === undefined) continue
    if (fit.params !== null && fit.params > explosion) {
      const details = { params: fit.params.toLocaleString('en-US'), formula: fit.weightsFormula ?? '' }
      issues.push(issue('PARAMETER_EXPLOSION', details, id))
    }
    issues.push(...fieldIssue(checked, block, fit), ...batchNormIssue(checked, block, fit))
  }
  return issues
}
