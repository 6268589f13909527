import type { ExportedFiles, ExportService, Prediction } from '#shared/rpc/services'
import type { ImageStore } from '../storage/gatherImages'
import type { EngineClient } from './engineClient'
import { exportable, exportModel } from './exportModel'
import { predictImages } from './predictImages'
import type { RunModels } from './runModels'

const anyExecutor = { executor: 'auto', threads: null } as const

export class ModelExport implements ExportService {
  constructor(
    private readonly engine: EngineClient,
    private readonly models: RunModels,
    private readonly images: ImageStore,
  ) {}

  async exportRun(runId: string, folder: string): Promise<ExportedFiles> {
    return exportModel(this.engine, exportable(await this.models.read(runId)), folder, anyExecutor)
  }

  async predict(runId: string, files: readonly string[]): Promise<Prediction[]> {
    return predictImages(this.engine, await this.models.read(runId), files, anyExecutor, this.images)
  }
}
