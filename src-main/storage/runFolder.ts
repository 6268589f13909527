import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { InterlockError } from '#shared/issues/errors'
import type { RunState, StepCurve } from '#shared/training/runState'
import { makeFolder, writeError, writeFileAtomic } from './atomicFile'
import { lastModelFileName, modelFileName, removeModelFile } from './modelFile'

/** A run as it is kept in `history.json`: everything but the curve of single steps. */
export interface RunHistory extends Omit<RunState, 'curve'> {
  format: 'interlock-history'
  version: 1
  /** Process that trains or trained it; a run whose process is gone was interrupted. */
  process: number
}

const historyFile = 'history.json'
const curveFile = 'curve.bin'
export const checkpointFileName = 'checkpoint.bin'

/** Removes the checkpoint, curve and models that an earlier run left in a folder, before a new one writes its own. Throws FILE_UNWRITABLE. */
export async function clearRunFolder(folder: string): Promise<void> {
  try {
    for (const name of [modelFileName, lastModelFileName]) await removeModelFile(folder, name)
    for (const name of [curveFile, checkpointFileName]) await rm(join(folder, name), { force: true })
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
  let history: RunHistory
  try {
    history = JSON.parse(await readFile(join(folder, historyFile), 'utf8')) as RunHistory
  } catch {
    return null
  }
  if (history.format !== 'interlock-history' || history.version !== 1) return null
  const { format: _format, version: _version, process: owner, ...rest } = history
  const state: RunState = { ...rest, curve: await readCurve(folder) }
  const wasActive = ['preparing', 'training', 'stopping'].includes(state.phase.kind)
  if (!wasActive || (owner !== process.pid && isAlive(owner))) return state
  const error = new InterlockError('ENGINE_STOPPED', {
    problem: 'Interlock was closed while it was training',
  })
  return { ...state, phase: { kind: 'failed', error: error.toData() } }
}

async function readCurve(folder: string): Promise<StepCurve> {
  const bytes = await readFile(join(folder, curveFile)).catch(() => Buffer.alloc(0))
  const length = Math.floor(bytes.length / 12)
  const at = <T>(read: (offset: number) => T) => Array.from({ length }, (_, i) => read(i * 12))
  return {
    steps: Uint32Array.from(at((offset) => bytes.readUInt32LE(offset))),
    losses: Float32Array.from(at((offset) => bytes.readFloatLE(offset + 4))),
    accuracies: Float32Array.from(at((offset) => bytes.readFloatLE(offset + 8))),
  }
}

function isAlive(id: number): boolean {
  try {
    process.kill(id, 0)
    return true
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM'
  }
}
