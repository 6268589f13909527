import { createHash } from 'node:crypto'
import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { NamedTensor } from '#shared/engine/tensors'
import {
  modelGraph,
  readModel,
  weightProblems,
  writeModel,
  type ModelFile,
  type ModelParts,
} from '#shared/export/json'
import { packTensors, unpackTensors } from '#shared/export/weightsTable'
import { inferShapes } from '#shared/graph/inferShapes'
import type { Graph } from '#shared/graph/types'
import { InterlockError } from '#shared/issues/errors'
import { makeFolder, readBytes, readError, writeFileAtomic } from './atomicFile'

/** The best epoch, and the one a run ended with. */
export const modelFileName = 'model.json'
export const lastModelFileName = 'last.model.json'

export interface StoredModel {
  file: string
  model: ModelFile
  graph: Graph
  weights: NamedTensor[]
}

/**
 * Writes the weights under their hash, then the JSON that names them (blocks.md): at no moment does a reader find a model
 * without its weights. Weights of the model that it replaces are removed. Answers the files written.
 * Throws FILE_UNWRITABLE.
 */
export async function writeModelFile(
  folder: string,
  name: typeof modelFileName | typeof lastModelFileName,
  parts: ModelParts,
  tensors: readonly NamedTensor[],
): Promise<string[]> {
  await makeFolder(folder)
  const { bytes, table } = packTensors(tensors)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const weightsFile = `weights-${sha256.slice(0, 16)}.bin`
  const model = writeModel(parts, { file: weightsFile, byteLength: bytes.byteLength, sha256, tensors: table })
  const replaced = await namedWeights(join(folder, name))
  await writeFileAtomic(join(folder, weightsFile), bytes)
  await writeFileAtomic(join(folder, name), `${JSON.stringify(model, null, 2)}\n`)
  if (replaced !== null && replaced !== weightsFile) await removeUnnamed(folder, replaced)
  return [name, weightsFile]
}

/**
 * Reads a model from its file, or from a folder that holds `model.json`, and checks the weights' hash, names and shapes.
 * Throws FILE_NOT_FOUND, FILE_UNREADABLE, MODEL_INVALID, MODEL_NEWER, MODEL_WEIGHTS_DAMAGED.
 */
export async function readModelFile(path: string): Promise<StoredModel> {
  const file = await modelPath(path)
  const { model, weightsFile, bytes } = await readBoth(file)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  if (bytes.byteLength !== model.weights.byteLength || sha256 !== model.weights.sha256) {
    throw new InterlockError('MODEL_WEIGHTS_DAMAGED', { file: weightsFile })
  }
  const graph = modelGraph(model)
  const fit = inferShapes(graph)
  const weights = unpackTensors(bytes, model.weights.tensors)
  const used = fit.blocks.filter(({ id }) => fit.order.includes(id))
  const problems = fit.fits
    ? weightProblems(weights, used)
    : fit.issues.filter(({ severity }) => severity === 'error').map(({ message }) => message)
  if (problems.length > 0) throw new InterlockError('MODEL_INVALID', { file, problems: problems.join('; ') })
  return { file, model, graph, weights }
}

/** A model file without its weights. Throws FILE_NOT_FOUND, FILE_UNREADABLE, MODEL_INVALID, MODEL_NEWER. */
export async function readModelHead(file: string): Promise<ModelFile> {
  return readModel((await readBytes(file)).toString('utf8'), file)
}

/** A model and its weights' bytes. A run that goes on may put a better model in place between the two: then both are read again. */
async function readBoth(file: string, attempts = 5) {
  const model = await readModelHead(file)
  const weightsFile = join(dirname(file), model.weights.file)
  try {
    return { model, weightsFile, bytes: await readBytes(weightsFile) }
  } catch (thrown) {
    const named = await namedWeights(file)
    if (attempts <= 1 || named === null || named === model.weights.file) throw thrown
    return readBoth(file, attempts - 1)
  }
}

async function modelPath(path: string): Promise<string> {
  try {
    return (await stat(path)).isDirectory() ? join(path, modelFileName) : path
  } catch (thrown) {
    throw readError(path, thrown)
  }
}

/** Removes a model file and then its weights, where they are there. */
export async function removeModelFile(folder: string, name: string): Promise<void> {
  const weightsFile = await namedWeights(join(folder, name))
  await rm(join(folder, name), { force: true })
  if (weightsFile !== null) await removeUnnamed(folder, weightsFile)
}

/** Removes the weights that a replaced model file named, unless another file beside it names them too. */
async function removeUnnamed(folder: string, weightsFile: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.json')) continue
    const text = await readFile(join(folder, name), 'utf8').catch(() => weightsFile)
    if (text.includes(weightsFile)) return
  }
  await rm(join(folder, weightsFile), { force: true })
}

/** The weights file that a model file already there names, or null. */
async function namedWeights(file: string): Promise<string | null> {
  const text = await readFile(file, 'utf8').catch(() => null)
  return text === null ? null : (/"file": "(weights-[0-9a-f]{16}\.bin)"/.exec(text)?.[1] ?? null)
}
