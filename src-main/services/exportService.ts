import { join } from 'node:path'
import { InterlockError } from '#shared/issues/errors'
import type { ExportedFiles, ExportService, Prediction } from '#shared/rpc/services'
import type { ImageStore } from '../storage/gatherImages'
import { modelFileName, readModelFile, type StoredModel } from '../storage/modelFile'
import type { EngineClient } from './engineClient'
import { exportable, exportModel } from './exportModel'
import { predictImages } from './predictImages'
import type { TrainingRuns } from './trainingService'

const anyExecutor = { executor: 'auto', threads: null } as const

export class ModelExport implements ExportService {
  constructor(
    private readonly engine: EngineClient,
    private readonly training: TrainingRuns,
    private readonly images: ImageStore,
  ) {}

  async exportRun(runId: string, folder: string): Promise<ExportedFiles> {
    return exportModel(this.engine, exportable(await this.modelOf(runId)), folder, anyExecutor)
  }

  async predict(runId: string, files: readonly string[]): Promise<Prediction[]> {
    return predictImages(this.engine, await this.modelOf(runId), files, anyExecutor, this.images)
  }

  /** A run's best epoch, from its files: what is exported is what was saved. */
  private async modelOf(runId: string): Promise<StoredModel> {
    const { name } = await this.training.run(runId)
    const file = join(this.training.folderOf(runId), modelFileName)
    try {
      return await readModelFile(file)
    } catch (thrown) {
      if (
        thrown instanceof InterlockError &&
        thrown.code === 'FILE_NOT_FOUND' &&
        thrown.details['file'] === file
      ) {
        throw new InterlockError('RUN_WITHOUT_MODEL', { run: name }, { cause: thrown })
      }
      throw thrown
    }
  }
}
