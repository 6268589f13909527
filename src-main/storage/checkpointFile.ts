import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { NumberType } from '#shared/data/imageFacts'
import type { TrainerState } from '#shared/engine/protocol'
import type { NamedTensor, Normalisation } from '#shared/engine/tensors'
import { packTensors, unpackTensors, weightEntrySchema } from '#shared/export/weightsTable'
import { InterlockError } from '#shared/issues/errors'
import { atCurrentVersion } from '#shared/project/parseProject'
import { projectSchema, type ProjectFile } from '#shared/project/schema'
import { readError, writeFileAtomic } from './atomicFile'

/** Everything needed to go on where a run stood, in one file so that it can never be half old, half new. */
export interface Checkpoint {
  runId: string
  project: ProjectFile
  classes: readonly string[]
  numbers: NumberType
  normalisation: Normalisation
  state: TrainerState
}

const magic = 'INTERLOCK-CHECKPOINT-1\n'

const headerSchema = z.strictObject({
  runId: z.string(),
  /** Older ones lack what came later. */
  project: z.preprocess(atCurrentVersion, projectSchema),
  classes: z.array(z.string()),
  /** How the images' values are held; older checkpoints are of bytes. */
  numbers: z.enum(['uint8', 'uint16', 'float32']).default('uint8'),
  normalisation: z.strictObject({
    mean: z.array(z.number()),
    std: z.array(z.number()),
    scale: z.number().positive().optional(),
  }),
  epoch: z.int().min(0),
  step: z.int().min(0),
  /** Where a run was stopped within an epoch. */
  withinEpoch: z.strictObject({ images: z.int(), loss: z.number(), correct: z.int() }).optional(),
  /** What a schedule and early stopping know of the epochs done. */
  plateau: z
    .strictObject({ best: z.number(), badEpochs: z.int(), cooldown: z.int(), scale: z.number() })
    .optional(),
  stopping: z.strictObject({ best: z.number(), bestEpoch: z.int(), badEpochs: z.int() }).optional(),
  best: z.strictObject({ epoch: z.int(), valLoss: z.number(), valAccuracy: z.number() }).nullable(),
  /** Tensors of each part, all in one table: first the weights, then the moments, then the best epoch's weights. */
  counts: z.strictObject({ weights: z.int(), moments: z.int(), best: z.int() }),
  tensors: z.array(weightEntrySchema),
  sha256: z.string(),
})

/** Writes the checkpoint: the magic line, one line of JSON, then float32 tensors, little-endian. Throws FILE_UNWRITABLE. */
export async function writeCheckpoint(file: string, checkpoint: Checkpoint): Promise<void> {
  const { state, ...about } = checkpoint
  const { mean, std, scale } = about.normalisation
  const best = state.best?.weights ?? []
  const { bytes, table } = packTensors([...state.weights, ...state.moments, ...best])
  const header: z.input<typeof headerSchema> = {
    runId: about.runId,
    project: about.project as z.input<typeof projectSchema>,
    classes: [...about.classes],
    numbers: about.numbers,
    normalisation: { mean: [...mean], std: [...std], scale },
    epoch: state.epoch,
    step: state.step,
    ...(state.withinEpoch ? { withinEpoch: state.withinEpoch } : {}),
    ...(state.plateau ? { plateau: state.plateau } : {}),
    ...(state.stopping ? { stopping: state.stopping } : {}),
    best: state.best && {
      epoch: state.best.epoch,
      valLoss: state.best.valLoss,
      valAccuracy: state.best.valAccuracy,
    },
    counts: { weights: state.weights.length, moments: state.moments.length, best: best.length },
    tensors: table,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  }
  await writeFileAtomic(file, [Buffer.from(`${magic}${JSON.stringify(header)}\n`), bytes])
}

/** Reads a checkpoint back. Throws RUN_NOT_RESUMABLE with `folder` as its place when it is missing, damaged or of another kind. */
export async function readCheckpoint(file: string, folder: string): Promise<Checkpoint> {
  const refuse = (problem: string) => new InterlockError('RUN_NOT_RESUMABLE', { folder, problem })
  let content: Buffer
  try {
    content = await readFile(file)
  } catch (thrown) {
    const error = readError(file, thrown)
    throw error.code === 'FILE_NOT_FOUND' ? refuse('it holds no checkpoint') : error
  }
  const headerEnd = content.indexOf('\n', magic.length)
  if (content.subarray(0, magic.length).toString() !== magic || headerEnd < 0) {
    throw refuse('its checkpoint is not one that this Interlock reads')
  }
  const parsed = headerSchema.safeParse(parseJson(content.subarray(magic.length, headerEnd).toString()))
  if (!parsed.success) throw refuse('its checkpoint is damaged')
  const { epoch, step, withinEpoch, plateau, stopping, best, counts, tensors, sha256, ...about } = parsed.data
  const bytes = content.subarray(headerEnd + 1)
  if (createHash('sha256').update(bytes).digest('hex') !== sha256) throw refuse('its checkpoint is damaged')
  const all: NamedTensor[] = unpackTensors(bytes, tensors)
  const weights = all.slice(0, counts.weights)
  const moments = all.slice(counts.weights, counts.weights + counts.moments)
  const bestWeights = all.slice(counts.weights + counts.moments)
  return {
    ...about,
    state: {
      epoch,
      step,
      ...(withinEpoch ? { withinEpoch } : {}),
      ...(plateau ? { plateau } : {}),
      ...(stopping ? { stopping } : {}),
      weights,
      moments,
      best: best && { ...best, weights: bestWeights },
    },
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
