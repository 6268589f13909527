import { join } from 'node:path'
import type { ModelFile } from '#shared/export/json'
import { InterlockError } from '#shared/issues/errors'
import type { RunModel } from '#shared/rpc/evaluationService'
import {
  lastModelFileName,
  modelFileName,
  readModelFile,
  readModelHead,
  type StoredModel,
} from '../storage/modelFile'
import type { TrainingRuns } from './trainingService'

/** Models of runs, from their files: what is used is what was saved. Each method throws RUN_NOT_FOUND, RUN_WITHOUT_MODEL, MODEL_*. */
export class RunModels {
  /** The one used last stays in memory: images are often predicted one by one. */
  private last: { file: string; stored: StoredModel } | null = null

  constructor(private readonly training: TrainingRuns) {}

  /** A model's file without its weights. */
  async head(runId: string, model: RunModel = 'best'): Promise<ModelFile> {
    const { name } = await this.training.run(runId)
    const file = this.fileOf(runId, model)
    try {
      return await readModelHead(file)
    } catch (thrown) {
      const isMissing =
        thrown instanceof InterlockError &&
        thrown.code === 'FILE_NOT_FOUND' &&
        thrown.details['file'] === file
      throw isMissing ? new InterlockError('RUN_WITHOUT_MODEL', { run: name }, { cause: thrown }) : thrown
    }
  }

  async read(runId: string, model: RunModel = 'best'): Promise<StoredModel> {
    const { weights } = await this.head(runId, model)
    const file = this.fileOf(runId, model)
    if (this.last?.file !== file || this.last.stored.model.weights.sha256 !== weights.sha256)
      this.last = { file, stored: await readModelFile(file) }
    return this.last.stored
  }

  private fileOf(runId: string, model: RunModel): string {
    return join(this.training.folderOf(runId), model === 'best' ? modelFileName : lastModelFileName)
  }
}
