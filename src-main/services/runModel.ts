import { join } from 'node:path'
import { InterlockError } from '#shared/issues/errors'
import { modelFileName, readModelFile, type StoredModel } from '../storage/modelFile'
import type { TrainingRuns } from './trainingService'

/** A run's best epoch, from its files: what is used is what was saved. Throws RUN_NOT_FOUND, RUN_WITHOUT_MODEL, MODEL_*. */
export async function runModel(training: TrainingRuns, runId: string): Promise<StoredModel> {
  const { name } = await training.run(runId)
  const file = join(training.folderOf(runId), modelFileName)
  try {
    return await readModelFile(file)
  } catch (thrown) {
    const isMissing =
      thrown instanceof InterlockError && thrown.code === 'FILE_NOT_FOUND' && thrown.details['file'] === file
    throw isMissing ? new InterlockError('RUN_WITHOUT_MODEL', { run: name }, { cause: thrown }) : thrown
  }
}
