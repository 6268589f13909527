import { lstat, readFile, rm, stat, unlink, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { InterlockError } from '#shared/issues/errors'
import { keptProject } from '#shared/project/parseProject'
import { isActive, phaseKinds, type RunState, type StepCurve } from '#shared/training/runState'
import { makeFolder, writeError, writeFileAtomic } from './atomicFile'
import { lastModelFileName, modelFileName, removeModelFile } from './modelFile'

/** A run as it is kept in `history.json`: everything but the curve of single steps. */
export interface RunHistory extends Omit<RunState, 'curve'> {
  format: 'interlock-history'
  version: 1
  /** Process that trains or trained it; a run whose process is gone was interrupted. */
  process: number
}

/** What everything that lists runs relies on; a history that has lost it is none. */
const historySchema = z.looseObject({
  format: z.literal('interlock-history'),
  version: z.literal(1),
  process: z.number(),
  runId: z.string(),
  project: z.looseObject({ name: z.string(), graph: z.looseObject({ blocks: z.array(z.unknown()) }) }),
  startedAt: z.string(),
  phase: z.looseObject({
    kind: z.enum(phaseKinds),
  }),
  classes: z.array(z.string()),
  skipped: z.array(z.looseObject({ file: z.string(), reason: z.string() })),
  epochs: z.array(z.looseObject({ epoch: z.number() })),
})

/** A run shows that its process lives by touching its history this often; one not touched for much longer is dead. */
export const touchEveryMs = 10_000
const deadAfterMs = 60_000

const historyFile = 'history.json'
const curveFile = 'curve.bin'
export const checkpointFileName = 'checkpoint.bin'
/** Of a run that began with the weights of another: a checkpoint of before its first step. */
export const startFileName = 'start.bin'

/** Removes the checkpoint, curve and models that an earlier run left in a folder, before a new one writes its own. Throws FILE_UNWRITABLE. */
export async function clearRunFolder(folder: string): Promise<void> {
  try {
    for (const name of [modelFileName, lastModelFileName]) await removeModelFile(folder, name)
    for (const name of [curveFile, checkpointFileName, startFileName])
      await rm(join(folder, name), { force: true })
  } catch (thrown) {
    throw writeError(folder, thrown)
  }
}

/**
 * Deletes a run's folder. Its history goes first: whatever cannot be deleted then is no run any more. Of a link only the link
 * goes, never what it leads to. Throws FILE_UNWRITABLE.
 */
export async function removeRun(folder: string): Promise<void> {
  try {
    if ((await lstat(folder)).isSymbolicLink()) return await unlink(folder)
    await rm(join(folder, historyFile), { force: true })
    await rm(folder, { recursive: true, force: true })
  } catch (thrown) {
    throw writeError(folder, thrown)
  }
}

/** Writes `history.json`. Throws FILE_UNWRITABLE. */
export async function writeHistory(folder: string, state: RunState): Promise<void> {
  const { curve: _curve, ...rest } = state
  const history: RunHistory = { format: 'interlock-history', version: 1, process: process.pid, ...rest }
  await makeFolder(folder)
  await writeFileAtomic(join(folder, historyFile), `${JSON.stringify(history, null, 2)}\n`)
}

/** Shows that the run goes on ({@link touchEveryMs}). */
export async function touchHistory(folder: string): Promise<void> {
  const now = new Date()
  // Where that fails the run goes on all the same; saving will tell.
  await utimes(join(folder, historyFile), now, now).catch(() => undefined)
}

/** Writes `curve.bin`: little-endian, 12 bytes a step: uint32 step, float32 loss, float32 accuracy. Throws FILE_UNWRITABLE. */
export async function writeCurve(folder: string, curve: StepCurve): Promise<void> {
  const bytes = Buffer.alloc(curve.steps.length * 12)
  curve.steps.forEach((step, i) => {
    bytes.writeUInt32LE(step, i * 12)
    bytes.writeFloatLE(curve.losses[i] ?? NaN, i * 12 + 4)
    bytes.writeFloatLE(curve.accuracies[i] ?? NaN, i * 12 + 8)
  })
  await writeFileAtomic(join(folder, curveFile), bytes)
}

/**
 * A run as it was last saved, or null where the folder holds none that can be read. A run that was under way in a process
 * that no longer lives is answered as failed: it was interrupted, its last checkpoint is there.
 */
export async function readRun(folder: string): Promise<RunState | null> {
  const file = join(folder, historyFile)
  let history: RunHistory
  let touched: number
  try {
    const json: unknown = JSON.parse(await readFile(file, 'utf8'))
    history = historySchema.parse(json) as unknown as RunHistory
    touched = (await stat(file)).mtimeMs
  } catch {
    return null
  }
  const { format: _format, version: _version, process: owner, ...rest } = history
  // Runs of earlier versions do not know where their images came from, nor how they were split.
  const state: RunState = {
    ...rest,
    project: keptProject({ ...rest.project }),
    origin: rest.origin ?? null,
    split: rest.split ?? null,
    curve: await readCurve(folder),
  }
  // A number may belong to another process by now: after a restart of the machine, or in a container.
  const goesOn = owner !== process.pid && isAlive(owner) && Date.now() - touched < deadAfterMs
  if (!isActive(state) || goesOn) return state
  const error = new InterlockError('ENGINE_STOPPED', {
    problem: 'Interlock was closed while it was training',
  })
  return { ...state, phase: { kind: 'failed', error: error.toData() } }
}

async function readCurve(folder: string): Promise<StepCurve> {
  const bytes = await readFile(join(folder, curveFile)).catch(() => Buffer.alloc(0))
  const length = Math.floor(bytes.length / 12)
  const curve = {
    steps: new Uint32Array(length),
    losses: new Float32Array(length),
    accuracies: new Float32Array(length),
  }
  for (let i = 0; i < length; i++) {
    curve.steps[i] = bytes.readUInt32LE(i * 12)
    curve.losses[i] = bytes.readFloatLE(i * 12 + 4)
    curve.accuracies[i] = bytes.readFloatLE(i * 12 + 8)
  }
  return curve
}

function isAlive(id: number): boolean {
  try {
    process.kill(id, 0)
    return true
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM'
  }
}
