import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { RunEvaluation } from '#shared/rpc/evaluationService'
import type { ModelFile } from '#shared/export/json'
import type { LabelledPredictions } from '#shared/evaluation/predictions'
import { makeFolder, writeFileAtomic } from './atomicFile'

/** Of the model that was evaluated, all but where its weights lie. */
export type EvaluatedModel = Omit<ModelFile, 'weights'>

/** An evaluation as it is kept with its run. */
export interface StoredEvaluation {
  evaluation: RunEvaluation
  model: EvaluatedModel
  /** Hash of the source's list of files at that time. */
  listing: string
  /** Below the source, with `/`. */
  files: readonly string[]
  predictions: LabelledPredictions
}

const magic = 'INTERLOCK-EVALUATION-1\n'

const headerSchema = z.object({
  evaluation: z.custom<RunEvaluation>((value) => typeof value === 'object' && value !== null),
  model: z.custom<EvaluatedModel>((value) => typeof value === 'object' && value !== null),
  listing: z.string(),
  files: z.array(z.string()),
})

/** Evaluations lie in a folder of their own in the run's. A file is named after the weights' hash and what they were asked. */
const folderOf = (runFolder: string) => join(runFolder, 'evaluations')
const fileOf = (runFolder: string, name: string) => join(folderOf(runFolder), `${name}.bin`)

/**
 * Writes an evaluation: the magic line, one line of JSON filled up with spaces to a multiple of 4 bytes, then the true classes
 * as int32 `[images]` and the probabilities as float32 `[images][classes]`, little-endian. Throws FILE_UNWRITABLE.
 */
export async function writeEvaluation(
  runFolder: string,
  name: string,
  stored: StoredEvaluation,
): Promise<void> {
  const { predictions, ...header } = stored
  const { labels, probabilities } = predictions
  const json = Buffer.from(magic + JSON.stringify(header))
  const end = Buffer.from(' '.repeat(3 - (json.length % 4)) + '\n')
  await makeFolder(folderOf(runFolder))
  await writeFileAtomic(fileOf(runFolder, name), [json, end, bytesOf(labels), bytesOf(probabilities)])
}

/** Reads one back; null where there is none that can be read. */
export async function readEvaluation(runFolder: string, name: string): Promise<StoredEvaluation | null> {
  const content = await readFile(fileOf(runFolder, name)).catch(() => null)
  const headerEnd = content?.indexOf('\n', magic.length) ?? -1
  if (content === null || headerEnd < 0 || content.subarray(0, magic.length).toString() !== magic) return null
  const header = headerSchema.safeParse(parseJson(content.subarray(magic.length, headerEnd).toString()))
  if (!header.success) return null
  const { classes, images } = header.data.evaluation
  const start = headerEnd + 1
  if (content.length !== start + 4 * images * (1 + classes.length) || header.data.files.length !== images)
    return null
  // A copy: a file's buffer need not begin at a multiple of four bytes.
  const numbers = content.buffer.slice(content.byteOffset + start, content.byteOffset + content.length)
  const labels = new Int32Array(numbers, 0, images)
  const probabilities = new Float32Array(numbers, 4 * images)
  return { ...header.data, predictions: { classes, labels, probabilities } }
}

/** Removes evaluations of weights that the run no longer has; `kept` are the beginnings of names that stay. */
export async function removeOldEvaluations(runFolder: string, kept: readonly string[]): Promise<void> {
  const names = await readdir(folderOf(runFolder)).catch(() => [])
  for (const name of names) {
    if (!kept.some((beginning) => name.startsWith(beginning)))
      await rm(join(folderOf(runFolder), name), { force: true })
  }
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Int32Array | Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
