/**
 * The model file (`model.json`, blocks.md): everything needed to use a trained network elsewhere. The weights lie
 * beside it in a file named after their hash; `weights.tensors` says where each starts. Pure: files and hashes are the
 * storage side's business (`src-main/storage/modelFile.ts`).
 */
import { z } from 'zod'
import { findBand } from '../data/bandChoice'
import { bandsOf, parseFormula } from '../data/formula'
import { blockDefinition } from '../blocks/index'
import { checkParams } from '../blocks/paramValues'
import type { NamedTensor, Normalisation } from '../engine/tensors'
import type { BlockFit } from '../graph/fit'
import type { Graph } from '../graph/types'
import { InterlockError } from '../issues/errors'
import { dataSchema, graphSchema } from '../project/schema'
import { trainingSchema } from '../training/settings'
import { weightEntrySchema, type WeightEntry } from './weightsTable'

export const modelFormat = 'interlock-model'
/** Version 2 brought 16-bit and floating-point images, and bands that are chosen or computed. */
export const modelVersion = 2

const modelBlockSchema = graphSchema.shape.blocks.element.extend({
  /** Shape that the block puts out, e.g. `[28, 28, 6]`; null for a block that is not on the way to the output. */
  output: z.array(z.int().min(1)).nullable(),
})

/** A split by seed of the source itself has none of the optional settings, so that older programs read the model. */
const splitSchema = dataSchema.pick({ validationSplit: true, testSplit: true, splitSeed: true }).extend({
  root: dataSchema.shape.root.unwrap().unwrap().optional(),
  splitBy: dataSchema.shape.splitBy.unwrap().optional(),
  /** As they were, also where they followed from the tiles. */
  blockSize: z.number().positive().optional(),
  blockBuffer: z.number().min(0).optional(),
  /** Of a split by lists: paths of the test images below the class root. */
  testFiles: z.array(z.string()).optional(),
})

export type ModelSplit = z.infer<typeof splitSchema>

export const modelSchema = z.strictObject({
  format: z.literal(modelFormat),
  version: z.literal([1, modelVersion]),
  name: z.string().min(1),
  graph: graphSchema.extend({ blocks: z.array(modelBlockSchema) }),
  classes: z.array(z.string()).min(2),
  preprocessing: z.strictObject({
    resize: dataSchema.shape.resize,
    /** Resampling filter, `decodeImage.ts` says what each means. */
    filter: z.string().min(1),
    /** Names of the network's bands, in its order. */
    bands: z.array(z.string()).min(1),
    /** How values are held, bytes where it is not given. Pictures of other depths are brought to full scale. */
    numbers: z.enum(['uint16', 'float32']).optional(),
    /** Names of the bands as files hold them, in their order, where `bands` is a choice of them; else files have just `bands`. */
    storedBands: z.array(z.string()).min(1).optional(),
    /** Of the bands that are computed from stored ones (`data/formula.ts`), by name. Where there is no value, it is NaN. */
    formulas: z.record(z.string(), z.string()).optional(),
    /** x = (value · scale − mean) / std, band by band; 0 where there is no value. */
    mean: z.array(z.number()).min(1),
    std: z.array(z.number().positive()).min(1),
    /** 1/255 where it is not given: images of 8 bits. */
    scale: z.number().positive().optional(),
  }),
  training: z.strictObject({
    settings: trainingSchema,
    /** How the images were split, so that a test part stays one. Null where it was not a split folder. */
    split: splitSchema.nullable(),
    images: z.strictObject({ training: z.int(), validation: z.int() }),
    /** The epoch whose weights these are, from 1, and the one with the best validation loss. */
    epoch: z.int().min(0),
    bestEpoch: z.int().min(0),
    /** Of that epoch; null where it was stopped before its end. */
    loss: z.number().nullable(),
    accuracy: z.number().nullable(),
    valLoss: z.number().nullable(),
    valAccuracy: z.number().nullable(),
    executor: z.string(),
    /** ISO 8601. */
    startedAt: z.string(),
    versions: z.strictObject({ interlock: z.string() }),
  }),
  weights: z.strictObject({
    file: z.string().regex(/^[^/\\]+$/, 'a file name without a folder'),
    byteLength: z.int().min(4),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    tensors: z.array(weightEntrySchema).min(1),
  }),
})

export type ModelFile = z.infer<typeof modelSchema>

export interface ModelParts {
  name: string
  graph: Graph
  /** Of the fit check: which shape each block puts out. */
  fits: readonly BlockFit[]
  classes: readonly string[]
  preprocessing: Omit<ModelFile['preprocessing'], 'mean' | 'std' | 'scale'> & Normalisation
  training: ModelFile['training']
}

/** The model file of a trained network. `weights` describes the bytes already laid out (`packTensors`). */
export function writeModel(parts: ModelParts, weights: ModelFile['weights']): ModelFile {
  const outputs = new Map(parts.fits.map((fit) => [fit.id, fit.output]))
  const blocks = parts.graph.blocks.map((block) => {
    const definition = blockDefinition(block.type)
    const params = definition === undefined ? block.params : checkParams(definition, block.params).values
    const output = outputs.get(block.id)
    return { ...block, params, output: output === undefined || output === null ? null : [...output] }
  })
  const { mean, std, numbers, ...preprocessing } = parts.preprocessing
  return modelSchema.parse({
    format: modelFormat,
    version: (numbers ?? preprocessing.storedBands ?? preprocessing.scale) ? modelVersion : 1,
    name: parts.name,
    graph: { ...parts.graph, blocks },
    classes: [...parts.classes],
    preprocessing: {
      ...preprocessing,
      numbers,
      mean: [...mean],
      std: [...std],
    },
    training: parts.training,
    weights,
  })
}

/** Reads a model file's text. Throws MODEL_NEWER or MODEL_INVALID, naming `file` and every problem. */
export function readModel(text: string, file: string): ModelFile {
  const invalid = (problems: string) => new InterlockError('MODEL_INVALID', { file, problems })
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (thrown) {
    throw invalid(`it is not valid JSON (${thrown instanceof Error ? thrown.message : String(thrown)})`)
  }
  const head = z.looseObject({ format: z.string(), version: z.number() }).safeParse(json)
  if (!head.success || head.data.format !== modelFormat) throw invalid(`its format is not "${modelFormat}"`)
  if (head.data.version > modelVersion) {
    throw new InterlockError('MODEL_NEWER', { file, found: head.data.version, supported: modelVersion })
  }
  const parsed = modelSchema.safeParse(json)
  if (!parsed.success) {
    throw invalid(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '))
  }
  const problems = inconsistencies(parsed.data)
  if (problems.length > 0) throw invalid(problems.join('; '))
  return parsed.data
}

/** The network of a model file, without the shapes that the file spells out. */
export function modelGraph(model: ModelFile): Graph {
  const blocks = model.graph.blocks.map(({ output: _output, ...block }) => block)
  return { ...model.graph, blocks }
}

function inconsistencies(model: ModelFile): string[] {
  const { preprocessing, classes, weights } = model
  const problems: string[] = choiceProblems(preprocessing)
  const input = model.graph.blocks.find((block) => block.type === 'input')
  const output = model.graph.blocks.find((block) => block.type === 'output')
  const channels = input?.output?.[2]
  for (const key of ['bands', 'mean', 'std'] as const) {
    const found = preprocessing[key].length
    if (found !== channels)
      problems.push(`preprocessing.${key} has ${found} entries for ${channels ?? 0} channels`)
  }
  if (output?.output?.[0] !== classes.length) {
    problems.push(`classes has ${classes.length} names for ${output?.output?.[0] ?? 0} outputs`)
  }
  const end = weights.tensors.reduce((max, entry) => Math.max(max, endOf(entry)), 0)
  if (end !== weights.byteLength)
    problems.push(`weights.tensors end at byte ${end}, weights.byteLength is ${weights.byteLength}`)
  const names = weights.tensors.map(({ name }) => name)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) problems.push(`weights.tensors names ${twice} twice`)
  return problems
}

/** Bands that are neither stored nor computed. */
function choiceProblems({ bands, storedBands, formulas = {} }: ModelFile['preprocessing']): string[] {
  if (storedBands === undefined) return []
  try {
    for (const band of bands) {
      const formula = Object.hasOwn(formulas, band) ? formulas[band] : undefined
      for (const name of formula === undefined ? [band] : bandsOf(parseFormula(formula)))
        findBand(storedBands, name)
    }
    return []
  } catch (thrown) {
    return [`preprocessing: ${thrown instanceof Error ? thrown.message : String(thrown)}`]
  }
}

function endOf(entry: WeightEntry): number {
  return entry.byteOffset + 4 * entry.shape.reduce((product, n) => product * n, 1)
}

/** Weights whose names or shapes differ from what the network asks for, as problems; empty when all fit. */
export function weightProblems(tensors: readonly NamedTensor[], fits: readonly BlockFit[]): string[] {
  const wanted = new Map(
    fits.flatMap((fit) =>
      (fit.weights ?? []).map((spec) => [`${fit.id}/${spec.name}`, spec.shape.join('×')]),
    ),
  )
  const problems: string[] = []
  for (const { name, shape } of tensors) {
    const expected = wanted.get(name)
    if (expected === undefined) problems.push(`the network has no weight ${name}`)
    else if (expected !== shape.join('×'))
      problems.push(`${name} is ${shape.join('×')}, the network needs ${expected}`)
    wanted.delete(name)
  }
  for (const name of wanted.keys()) problems.push(`the weight ${name} is missing`)
  return problems
}
